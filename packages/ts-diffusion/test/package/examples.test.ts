import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { patient, patientTests } from '../patience.js';
import { describeWithChromium } from '../runtime/chromium.js';
import { createConsumer, type Consumer } from './consumer.js';
import { difference, inServedPage } from './drawing-page.js';

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url));

let consumer: Consumer;
patientTests();
beforeAll(() => {
  // The pages' configuration files import Vite.
  consumer = createConsumer('onnxruntime-web', 'vite');
  cpSync(examples, join(consumer.folder, 'examples'), { recursive: true });
});
afterAll(() => {
  consumer.remove();
});

/** Builds a page as `npx vite build` in its folder does, and returns the folder of the result. */
async function built(name: string): Promise<string> {
  const root = join(consumer.folder, 'examples', name);
  await build({ root, logLevel: 'error' });
  return join(root, 'dist');
}

/** The gray pixels of a canvas. */
const pixelsOf = (tab: Page, canvas: string): Promise<number[]> =>
  tab.evaluate<number[]>(`(() => {
    const canvas = ${canvas};
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((_, i) => i % 4 === 0);
  })()`);

/** The same digits from the sources in this process: as they are drawn by default, and in five steps. [28, 28], 0..255 */
async function drawnHere(label: number, samplingSteps?: number): Promise<Uint8Array> {
  const pipeline = await DiffusionPipeline.load('modern', { threads: 1 });
  const { images } = await pipeline.generate({ labels: [label], seed: 1, samplingSteps });
  await pipeline.dispose();
  return images;
}

// Time: 15 s on two quiet cores.
describeWithChromium('the examples that are pages', () => {
  test('vite-page draws the digit that is chosen', async () => {
    const { three, eight } = await inServedPage(await built('vite-page'), 'index.html', async (tab) => {
      await tab.getByText('Drew 3').waitFor(patient);
      const first = await pixelsOf(tab, 'document.querySelector("canvas")');
      await tab.getByLabel('Digit').fill('8');
      await tab.getByText('Drew 8').waitFor(patient);
      return { three: first, eight: await pixelsOf(tab, 'document.querySelector("canvas")') };
    });
    expect(difference(three, await drawnHere(3))).toBeLessThan(0.5);
    expect(difference(eight, await drawnHere(8))).toBeLessThan(0.5);
  });

  test('plain-page draws without a bundler', async () => {
    const digits = await inServedPage(consumer.folder, 'examples/plain-page/index.html', async (tab) => {
      await tab.waitForFunction(
        `[...document.querySelectorAll('diffusion-image')].every(({ shadowRoot }) =>
          shadowRoot?.querySelector('canvas').width === 28 && shadowRoot.querySelector('progress').hidden)`,
        undefined,
        patient,
      );
      return await Promise.all(
        [0, 1].map((i) =>
          pixelsOf(tab, `document.querySelectorAll("diffusion-image")[${i}].shadowRoot.querySelector("canvas")`),
        ),
      );
    });
    expect(difference(digits[0] ?? [], await drawnHere(3))).toBeLessThan(0.5);
    expect(difference(digits[1] ?? [], await drawnHere(7, 5))).toBeLessThan(0.5);
  });

  test('train-in-page trains, and shows what the network draws', async () => {
    const { losses, grid } = await inServedPage(await built('train-in-page'), 'index.html', async (tab) => {
      await tab.evaluate(`globalThis.texts = [];
        new MutationObserver(() => texts.push(document.querySelector('#status').textContent))
          .observe(document.querySelector('#status'), { childList: true });`);
      await tab.getByText('Trained').waitFor(patient);
      const texts = await tab.evaluate<string[]>('texts');
      return {
        losses: texts.flatMap((text) => /loss ([\d.]+)/.exec(text)?.slice(1).map(Number) ?? []),
        grid: await pixelsOf(tab, 'document.querySelector("canvas")'),
      };
    });
    expect(losses.length).toBeGreaterThan(20);
    // Predicting zero costs E|ε| = √(2/π) = 0.798.
    expect(Math.min(...losses)).toBeLessThan(0.79);
    expect(grid).toHaveLength((5 * 30 + 2) * (2 * 30 + 2));
    // Neither blank nor one shade.
    expect(new Set(grid).size).toBeGreaterThan(20);
  });
});
