import { expect, test } from 'vitest';
import { createNodeRuntime } from '../../ts-diffusion/src/node/runtime/node.js';
import { denoiserParameters } from '../../ts-diffusion/src/models/denoiser-network.js';
import { DiffusionPipeline } from '../../ts-diffusion/src/pipeline/diffusion-pipeline.js';
import { exportModelFiles } from '../../ts-diffusion/src/pipeline/export-model.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { TINY_TIMESTEPS, tinyModel, tinyUNet } from '../../ts-diffusion/test/pipeline/tiny-model.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { interleaved } from '../../ts-diffusion/src/utils/interleaved.js';
import { pages, pixelsIn } from './pages.js';

const model = { ...tinyUNet, imageChannels: 3, classes: 2 };
const colour = {
  ...tinyModel(),
  model,
  parameters: denoiserParameters(model).initialise(3),
  classNames: ['cat', 'собака'],
};

describeWithChromium('a model from a file', () => {
  const browser = pages();

  test('in colour is drawn in its colours and classes, as Node draws it', async () => {
    const page = await browser().open('/sample?model=quick&digits=1&steps=3&omega=0&sampler=ddim&spacing=even&seed=4');
    await page.getByText(/^1 image in /).waitFor();
    const buffer = Buffer.from(exportModelFiles(colour).safetensors);
    await page.getByLabel('Open a model file').setInputFiles({ name: 'pets.safetensors', mimeType: '', buffer });
    const canvas = page.getByLabel('a собака, image 1 of 1');
    await expect.poll(() => canvas.getAttribute('width'), patient).toBe('8');
    await page.getByText(/^1 image in /).waitFor();
    await page.getByRole('button', { name: 'cat' }).waitFor();

    const shown = await page.evaluate<number[]>(
      `[...document.querySelector('[aria-label="Images"] .tile canvas').getContext('2d').getImageData(0, 0, 8, 8).data]`,
    );
    const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), colour);
    const { images } = await pipeline.generate({
      labels: [1],
      seed: 4,
      sampler: 'ddim',
      samplingSteps: 3,
      spacing: 'even',
      guidanceWeight: 0,
    });
    await pipeline.dispose();
    const pixels = interleaved(images, 3);
    expect(new Set([...pixels]).size).toBeGreaterThan(50);
    const rgb = shown.filter((_, i) => i % 4 !== 3);
    expect(rgb).toHaveLength(pixels.length);
    // Two runtimes round differently.
    rgb.forEach((value, i) => {
      expect(Math.abs(value - (pixels[i] ?? NaN))).toBeLessThanOrEqual(1);
    });

    // The digits' classifier says nothing of such images: the map shows them without it.
    await page.getByRole('link', { name: 'Guidance' }).click();
    await page.getByText('Done.').waitFor();
    const map = page.getByRole('region', { name: 'Table of images' });
    expect(await map.innerText()).not.toContain('%');
    const cells = await pixelsIn(page, 'Map');
    // Five guidance weights; the model has fewer timesteps than the longest columns have steps.
    expect(cells).toHaveLength(5 * [2, 4, 8, 16, 32].filter((steps) => steps <= TINY_TIMESTEPS).length);
    expect(cells.every((cell) => new Set(cell).size > 10)).toBe(true);
    await page.getByRole('button', { name: 'cat' }).click();
    await expect.poll(() => pixelsIn(page, 'Map'), patient).not.toEqual(cells);
  });

  test.each([
    ['digits, is judged by their classifier', undefined, 1],
    ['other images of their size, is not', 'ab'.repeat(32), 0],
  ])('of %s', async (_, trainedOn, shown) => {
    const likeDigits = { ...tinyUNet, imageSize: 28 };
    const parameters = denoiserParameters(likeDigits).initialise(3);
    const buffer = Buffer.from(
      exportModelFiles({ ...tinyModel(), model: likeDigits, parameters, trainedOn }).safetensors,
    );
    const page = await browser().open('/sample?model=quick&digits=1&steps=3&omega=0&sampler=ddim&spacing=even&seed=4');
    await page.getByText(/^1 image in /).waitFor();
    const before = await pixelsIn(page, 'Images');
    await page.getByLabel('Open a model file').setInputFiles({ name: 'it.safetensors', mimeType: '', buffer });
    await expect.poll(() => pixelsIn(page, 'Images'), patient).not.toEqual(before);
    await page.getByText(/^1 image in /).waitFor();
    expect(await page.locator('.tile .confidence').count()).toBe(shown);
  });
});
