import { statSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { shippedModel } from '../../src/node/models/shipped-models.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { patient } from '../patience.js';
import { describeWithChromium } from '../runtime/chromium.js';
import { builtPage } from './built-page.js';

interface Told {
  readonly id: string;
  readonly type: string;
  readonly detail?: unknown;
}

/** What the elements told, of one type. */
const told = (page: Page, type: string, id?: string): Promise<Told[]> =>
  page.evaluate<Told[]>(
    `told.filter((each) => each.type === '${type}' && ${id === undefined} || each.type === '${type}' && each.id === '${id ?? ''}')`,
  );
const loads = async (page: Page, count: number, id?: string): Promise<void> => {
  await expect.poll(async () => (await told(page, 'load', id)).length, patient).toBe(count);
};
const pixels = async (page: Page, id: string): Promise<Uint8Array> =>
  Uint8Array.from(
    await page.evaluate<number[]>(`(() => {
      const canvas = document.getElementById('${id}').shadowRoot.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return [...data].filter((_, i) => i % 4 === 0);
    })()`),
  );

describeWithChromium('<diffusion-image>', () => {
  const built = builtPage();

  test('draws what the library draws, several in one worker, and tells how far it is', async () => {
    const page = await built().open('index.html');
    await loads(page, 2);
    expect(page.workers()).toHaveLength(1);
    const direct = await DiffusionPipeline.load('quick', { threads: 1 });
    const three = await direct.generate({ labels: [3], seed: 1, samplingSteps: 5 });
    const seven = await direct.generate({ labels: [7], guidanceWeight: 0.5, samplingSteps: 5 });
    await direct.dispose();
    expect(await pixels(page, 'three')).toBeCloseToTensor(three.images, { atol: 1 });
    expect(await pixels(page, 'seven')).toBeCloseToTensor(seven.images, { atol: 1 });

    const progress = (await told(page, 'progress', 'three')).map(({ detail }) => detail as Record<string, unknown>);
    expect(progress.filter(({ phase }) => phase === 'drawing').map(({ step, steps }) => [step, steps])).toEqual(
      [0, 1, 2, 3, 4, 5].map((step) => [step, 5]),
    );
    const loading = progress.filter(({ phase }) => phase === 'loading');
    const { size: total } = statSync(shippedModel('quick').path);
    expect(loading.at(-1)).toMatchObject({ loaded: total, total });
  });

  test('is an image to whoever cannot see it, and as large as CSS says', async () => {
    const page = await built().open('index.html');
    await page.getByRole('img', { name: 'An image of class 3, drawn by a diffusion model' }).waitFor();
    await page.getByRole('img', { name: 'a seven' }).waitFor();
    await loads(page, 2);
    expect(await page.getByRole('progressbar').count()).toBe(0);
    const size = async (): Promise<[number, number]> => {
      const { width = 0, height = 0 } = (await page.getByRole('img', { name: 'a seven' }).boundingBox()) ?? {};
      return [width, height];
    };
    expect(await size()).toEqual([224, 224]);
    await page.addStyleTag({ content: '#seven { width: 100px }' });
    expect(await size()).toEqual([100, 100]);
    expect(await page.evaluate(`getComputedStyle(seven.shadowRoot.querySelector('canvas')).imageRendering`)).toBe(
      'pixelated',
    );
    await page.evaluate(`seven.alt = 0, seven.setAttribute('alt', 'another')`);
    await page.getByRole('img', { name: 'another' }).waitFor();
    // Another text is no other image.
    expect(await told(page, 'load')).toHaveLength(2);
  });

  test('draws anew when an attribute changes, the newest alone', async () => {
    // It is this test that reads the canvas more than once.
    const page = await built().open('index.html', /willReadFrequently/);
    await loads(page, 2);
    const before = await pixels(page, 'three');
    await page.evaluate(`(async () => {
      for (const seed of [2, 3, 4]) {
        three.setAttribute('steps', '100');
        three.setAttribute('seed', seed);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      three.setAttribute('steps', '5');
      three.setAttribute('seed', '1');
    })()`);
    await loads(page, 2, 'three');
    expect(await pixels(page, 'three')).toEqual(before);
    expect(await told(page, 'error')).toEqual([]);
  });

  test('says what is wrong inside itself and by an event, and draws once it is right', async () => {
    const page = await built().open('index.html', /404/);
    await loads(page, 2);
    for (const [name, value, message] of [
      ['label', '11', 'label is 11; expected 0..9'],
      ['label', 'three', 'The attribute label of diffusion-image is "three"; expected a number.'],
      ['model', 'slow', '"slow" is not a model in the package (modern, quick, paper, colour, student)'],
      ['model', './none.safetensors', 'none.safetensors: the server answers 404.'],
    ] as const) {
      const errors = (await told(page, 'error')).length;
      const right = await page.evaluate<string>(`three.getAttribute('${name}')`);
      await page.evaluate(`three.setAttribute('${name}', '${value}')`);
      await page.getByRole('alert').getByText(message).waitFor();
      const all = await told(page, 'error');
      expect(all).toHaveLength(errors + 1);
      expect(all.at(-1)).toMatchObject({ id: 'three', detail: expect.stringContaining(message) as string });
      const drawn = (await told(page, 'load')).length;
      await page.evaluate(`three.setAttribute('${name}', '${right}')`);
      await loads(page, drawn + 1);
      expect(await page.getByRole('alert').count()).toBe(0);
    }
  });

  test('gives the worker back when no element is left, and has another for the next', async () => {
    const page = await built().open('index.html');
    await loads(page, 2);
    await page.evaluate('three.remove()');
    await page.evaluate('document.body.prepend(seven)');
    expect(page.workers()).toHaveLength(1);
    await page.evaluate('seven.remove()');
    await expect.poll(() => page.workers().length, patient).toBe(0);
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<diffusion-image id="one" model="quick" steps="2">')`,
    );
    await loads(page, 1, 'one');
    expect(page.workers()).toHaveLength(1);
  });
});
