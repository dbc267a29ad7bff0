import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodePng } from '../../ts-diffusion/src/utils/png.js';
import { RandomStream } from '../../ts-diffusion/src/utils/random.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { pages, pixelsIn } from './pages.js';

/** A plain colour with a little noise, larger than it is trained in and not square. */
function picture(colour: readonly [number, number, number], seed: number): Uint8Array {
  const [width, height] = [90, 70];
  const random = new RandomStream(seed);
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (colour[i % 3] ?? 0) + random.integer(20));
  return encodePng(data, width, height, 3);
}

describeWithChromium('training on own pictures in the browser', () => {
  const browser = pages();
  const root = mkdtempSync(join(tmpdir(), 'own-pictures-'));
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  test('takes a folder, names what is broken, trains in colour, and goes on after a reload', async () => {
    const folder = join(root, 'fruit');
    for (const [name, colour] of [
      ['яблоко', [200, 20, 20]],
      ['lime', [20, 200, 20]],
    ] as const) {
      mkdirSync(join(folder, name), { recursive: true });
      for (let i = 0; i < 20; i++) writeFileSync(join(folder, name, `${i}.png`), picture(colour, i));
    }
    writeFileSync(join(folder, 'lime', 'torn.png'), picture([0, 0, 0], 0).subarray(0, 60));
    writeFileSync(join(folder, 'lime', 'notes.txt'), 'green');

    const page = await browser().open('/train?size=tiny&steps=300&on=pictures');
    await page.getByText('No run yet').waitFor();
    const start = page.getByRole('button', { name: 'Start', exact: true });
    expect(await start.isDisabled()).toBe(true);
    await page.getByRole('button', { name: '16x16' }).click();
    await page.getByLabel('Choose a folder').setInputFiles(folder);
    await page
      .getByText(
        '40 pictures of 16x16, in colour, 2 classes: lime, яблоко. Left out, since the browser cannot read them: notes.txt, torn.png.',
      )
      .waitFor();
    await start.click();
    await page.getByRole('heading', { name: 'Samples at step 25' }).waitFor();
    await page.reload();
    await page.getByText(/^Saved in this browser at step/).waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.getByRole('heading', { name: 'Samples at step 300' }).waitFor();
    await page.getByText('Finished.').waitFor();

    // Five images, of both classes in turn; three hundred steps are enough to learn a colour.
    const canvases = page.locator('[aria-label="Samples"] canvas');
    expect(
      await canvases.evaluateAll((all: HTMLElement[]) => all.map((each) => each.getAttribute('aria-label'))),
    ).toEqual(['lime', 'яблоко', 'lime', 'яблоко', 'lime']);
    const means = await page.evaluate<
      number[][]
    >(`[...document.querySelectorAll('[aria-label="Samples"] canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, 16, 16);
      return [0, 1, 2].map((channel) => data.filter((_, i) => i % 4 === channel).reduce((a, b) => a + b, 0) / 256);
    })`);
    for (const [i, [red = NaN, green = NaN]] of means.entries()) {
      expect(i % 2 === 0 ? green - red : red - green, `image ${i}: ${means[i]?.join()}`).toBeGreaterThan(40);
    }
    await page.getByRole('button', { name: 'Sample from it' }).click();
    await page.getByText(/^2 images in /).waitFor();
    await page.getByRole('button', { name: 'яблоко' }).waitFor();
  });

  test('takes single pictures, and says when there is none among the files', async () => {
    const page = await browser().open('/train?size=tiny&steps=5&on=pictures');
    const single = page.getByLabel('Choose pictures');
    await single.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.getByRole('alert').getByText('None of these files is a picture').waitFor();
    const dark = picture([50, 50, 50], 1);
    await single.setInputFiles({ name: 'b.png', mimeType: 'image/png', buffer: Buffer.from(dark) });
    await page.getByText('1 picture of 32x32, in colour.').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('Finished.').waitFor();
    expect(await pixelsIn(page, 'Samples')).toHaveLength(5);
  });
});
