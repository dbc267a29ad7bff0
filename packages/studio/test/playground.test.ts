import { readFileSync } from 'node:fs';
import { decode, type DecodedPng } from 'fast-png';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { loadEmbeddedDigits } from '../../ts-diffusion/src/node/data/embedded.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { nearestDigit } from './nearest-digit.js';
import { pages, pixelsIn } from './pages.js';

describeWithChromium('the playground', () => {
  const browser = pages();

  const finished = (page: Page, images: number): Promise<void> =>
    page.getByText(new RegExp(`^${images} images? in [\\d.]+ s\\.$`)).waitFor();

  const processors = (page: Page): Promise<number> => page.evaluate<number>('navigator.hardwareConcurrency');

  const savedPicture = async (page: Page): Promise<DecodedPng> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as PNG' }).click(),
    ]);
    return decode(readFileSync(await download.path()));
  };

  test('draws each digit as it was asked for, with threads', async () => {
    const page = await browser().open('/sample?model=quick&steps=16&omega=3');
    await finished(page, 10);
    const dataset = await loadEmbeddedDigits();
    const seen = (await pixelsIn(page, 'Images')).map((image) => nearestDigit(image, dataset));
    const right = seen.filter((digit, label) => digit === label);
    expect(right.length, `saw ${seen.join()}`).toBeGreaterThanOrEqual(9);
    const threads = Math.min(4, await processors(page));
    await page.getByText(`WebAssembly, ${threads} thread${threads === 1 ? '' : 's'}`).waitFor();
  });

  test('draws the same on a plain host below any address, with one thread', async () => {
    const isolated = await browser().open('/sample?model=quick&digits=7&steps=5');
    await finished(isolated, 1);
    const plain = await browser().open('/sample?model=quick&digits=7&steps=5', { host: browser().plain });
    await finished(plain, 1);
    await plain.getByText(/WebAssembly, 1 thread[;)]/).waitFor();
    const told = await plain.getByText('one thread, because the host does not isolate the page').count();
    expect(told).toBe((await processors(plain)) > 1 ? 1 : 0);
    await expect.poll(() => plain.getByRole('link', { name: 'Runs' }).count(), patient).toBe(0);
    const [[a = []], [b = []]] = [await pixelsIn(isolated, 'Images'), await pixelsIn(plain, 'Images')];
    expect(b).toBeCloseToTensor(a, { atol: 1 });
  });

  test('goes back in time, shows the prediction, and keeps all of it in the address', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=8');
    await finished(page, 1);
    const time = page.getByRole('slider', { name: 'Time' });
    await time.fill('0');
    expect(await time.getAttribute('aria-valuetext')).toBe('t = 500, step 0 of 8');
    const [noise = new Uint8Array()] = await pixelsIn(page, 'Images');
    const clipped = noise.filter((value) => value === 0 || value === 255).length / noise.length;
    // Of a standard normal, 2 Φ(-1) = 31.7 % lies beyond [-1, 1].
    expect(clipped).toBeGreaterThan(0.25);
    expect(clipped).toBeLessThan(0.39);
    expect(page.url()).toContain('at=0');
    await page.reload();
    await finished(page, 1);
    expect((await pixelsIn(page, 'Images'))[0]).toEqual(noise);
    await page.getByRole('button', { name: 'Predicted image x̂₀' }).click();
    await expect.poll(async () => (await pixelsIn(page, 'Images'))[0], patient).not.toEqual(noise);

    await page.getByRole('button', { name: '5', exact: true }).click();
    await page.getByRole('slider', { name: 'Guidance ω' }).fill('2');
    await page.getByLabel('Sampler').selectOption('ddim');
    await page.getByLabel('Spacing').selectOption('trailing');
    await page.getByRole('button', { name: 'New seed' }).click();
    await finished(page, 2);
    const address = page.url();
    expect(Object.fromEntries(new URLSearchParams(address.split('?')[1]))).toEqual({
      model: 'quick',
      weights: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      digits: '35',
      each: '1',
      steps: '8',
      show: 'x0',
      omega: '2',
      sampler: 'ddim',
      spacing: 'trailing',
      seed: expect.stringMatching(/^\d+$/) as string,
    });
    const drawn = await pixelsIn(page, 'Images');
    const again = await browser().open(address.slice(address.indexOf('#') + 1));
    await finished(again, 2);
    expect(await pixelsIn(again, 'Images')).toEqual(drawn);
    const last = again.getByRole('slider', { name: 'Time' });
    await last.fill('7');
    // T / 8 from 0; equal steps from T to 1 would have come to 1 by now.
    expect(await last.getAttribute('aria-valuetext')).toBe('t = 62, step 7 of 8');
  });

  test('plays its film, and saves the picture', async () => {
    const page = await browser().open('/sample?model=quick&digits=1&steps=4');
    await finished(page, 1);
    // A busy machine may look at the page later than a step is shown; as text: the transpiler would rewrite a function.
    await page.evaluate(`
      globalThis.shown = [];
      new MutationObserver(() => {
        const [step] = /step \\d of 4/.exec(document.body.innerText) ?? [];
        if (step !== undefined && step !== globalThis.shown.at(-1)) globalThis.shown.push(step);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    `);
    await page.getByRole('button', { name: 'Play' }).click();
    const played = [0, 1, 2, 3, 4].map((step) => `step ${step} of 4`);
    await expect.poll(() => page.evaluate<string[]>('globalThis.shown'), patient).toEqual(played);
    const { width, height, data, channels } = await savedPicture(page);
    expect([width, height]).toEqual([8 * 32, 8 * 32]);
    const [image = new Uint8Array()] = await pixelsIn(page, 'Images');
    // The middle of the pixel in row 14, column 10, behind a margin of 2.
    expect(data[channels * ((16 * 8 + 4) * width + 12 * 8 + 4)]).toBe(image[14 * 28 + 10]);
  });

  test('noises a digit under every schedule', async () => {
    const page = await browser().open('/noise?digit=4&T=1000&t=1000');
    await page.getByRole('img', { name: /Signal-to-noise ratio/ }).waitFor();
    await expect.poll(async () => (await pixelsIn(page, 'Noised images')).length, patient).toBe(4 * 9 + 4);
    // A busy machine paints the tiles later than it makes them.
    const painted = async (): Promise<boolean> =>
      (await pixelsIn(page, 'Noised images')).every((image) => image.some((value) => value > 0));
    await expect.poll(painted, patient).toBe(true);
    const images = await pixelsIn(page, 'Noised images');
    const dataset = await loadEmbeddedDigits();
    for (const row of [0, 1, 2, 3]) {
      expect(nearestDigit(images[9 * row] ?? new Uint8Array(), dataset)).toBe(4);
      // Those at the t chosen come last.
      expect(images[9 * row + 8]).toEqual(images[36 + row]);
    }
    await page.getByRole('slider', { name: 'Timestep t' }).fill('0');
    await expect.poll(async () => (await pixelsIn(page, 'Noised images'))[36], patient).toEqual(images[0]);
    const saved = await savedPicture(page);
    expect([saved.width, saved.height]).toEqual([8 * (9 * 30 + 2), 8 * (4 * 30 + 2)]);
  });

  test('shows what the classifier sees, and how sure it is for each guidance and number of steps', async () => {
    const sample = await browser().open('/sample?model=quick&digits=0&steps=10&omega=2');
    await finished(sample, 1);
    const bars = sample.getByRole('region', { name: 'Classifier' }).locator('.value');
    const percents = (await bars.allTextContents()).map((text) => parseFloat(text));
    expect(percents).toHaveLength(10);
    expect(percents[0]).toBeGreaterThan(90);

    const map = await browser().open('/guidance?model=quick&digits=3');
    const cells = async (): Promise<number[]> => (await map.getByRole('cell').allInnerTexts()).map(parseFloat);
    // Column by column; the third is 8 steps, and its last row ω = 4.
    await expect.poll(async () => (await cells())[22], patient).toBeGreaterThan(90);
    await map.getByText('Done.').waitFor();
    const picture = await savedPicture(map);
    expect([picture.width, picture.height]).toEqual([8 * (5 * 30 + 2), 8 * (5 * 30 + 2)]);
    expect(await cells()).toHaveLength(25);
    // Without guidance, 8 steps leave parts of a digit.
    expect((await cells())[2]).toBeLessThan((await cells())[22] ?? 0);
  });

  test('walks from one digit to another', async () => {
    const page = await browser().open('/interpolate?model=quick&from=0&to=1&steps=6');
    await page.getByText('Done.').waitFor();
    const dataset = await loadEmbeddedDigits();
    // The large image comes first.
    const film = (await pixelsIn(page, 'Images')).slice(1);
    expect(film).toHaveLength(11);
    expect([film.at(0), film.at(-1)].map((image) => nearestDigit(image as Uint8Array, dataset))).toEqual([0, 1]);
    await page.getByRole('slider', { name: 'Position' }).fill('10');
    await expect.poll(async () => (await pixelsIn(page, 'Images'))[0], patient).toEqual(film[10]);
    expect(page.url()).toContain('at=10');
  });

  test('finishes and cleans up a drawing', async () => {
    const page = await browser().open('/draw?model=quick&digit=1');
    const pad = page.getByRole('application');
    const box = await pad.boundingBox();
    if (!box) throw new Error('the pad is not shown');
    const at = (x: number, y: number): [number, number] => [
      box.x + (x * box.width) / 28,
      box.y + (y * box.height) / 28,
    ];
    await page.mouse.move(...at(15, 5));
    await page.mouse.down();
    await page.mouse.move(...at(13, 13), { steps: 5 });
    await page.mouse.up();
    await expect.poll(() => page.url(), patient).toContain('ink=');
    await page.getByText('Done.').waitFor();
    const finished = await pixelsIn(page, 'Drawing');
    // What was drawn stays, to the level of gray that the address keeps.
    for (const image of finished) expect(image[9 * 28 + 14]).toBeGreaterThan(170);
    const dataset = await loadEmbeddedDigits();
    expect(finished.filter((image) => nearestDigit(image, dataset) === 1).length).toBeGreaterThanOrEqual(3);

    await page.getByRole('button', { name: 'clean it up' }).click();
    await page.getByRole('slider', { name: 'Strength' }).fill('0.3');
    await page.getByText('Done.').waitFor();
    expect((await pixelsIn(page, 'Drawing'))[0]).not.toEqual(finished[0]);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Draw something.').waitFor();
  });

  test('is drawn in with the keyboard alone, and left again', async () => {
    const page = await browser().open('/draw?model=quick&digit=1');
    const pad = page.getByRole('application', { name: 'Drawing pad' });
    await pad.waitFor();
    const focused = (): Promise<string | null> =>
      page.evaluate<string | null>('document.activeElement.getAttribute("aria-label")');
    for (let tabs = 0; tabs < 30 && (await focused()) !== 'Drawing pad'; tabs++) await page.keyboard.press('Tab');
    expect(await focused()).toBe('Drawing pad');
    await page.getByText('Pen at column 15, row 15 of 28').waitFor();
    // One after another without waiting for the page, as a key that is held repeats.
    const press = async (key: string, times: number): Promise<void> => {
      await Promise.all(Array.from({ length: times }, () => page.keyboard.press(key)));
    };
    // Beyond the edge it does not go.
    await press('ArrowUp', 40);
    await page.getByText('Pen at column 15, row 1 of 28').waitFor();
    await press('ArrowDown', 5);
    await page.keyboard.down('Shift');
    await press('ArrowDown', 8);
    await page.keyboard.up('Shift');
    await press('ArrowRight', 6);
    await press('Space', 1);
    await press('Tab', 1);
    expect(await focused()).not.toBe('Drawing pad');

    await expect.poll(() => page.url(), patient).toContain('ink=');
    await page.getByText('Done.').waitFor();
    // Row 6 to row 14 of column 15, and column 21 of row 14.
    for (const image of await pixelsIn(page, 'Drawing')) {
      const [line, dot] = [Array.from({ length: 9 }, (_, i) => image[(5 + i) * 28 + 14]), image[13 * 28 + 20]];
      expect(Math.min(...line.map(Number), Number(dot))).toBeGreaterThan(170);
    }
  });
});
