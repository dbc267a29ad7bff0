import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { writeRun } from '../../cli/test/studio/studio-folder.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { trainConfigFor } from '../../ts-diffusion/src/training/train-config-for.js';
import { sizes } from '../src/views/train/presets.js';
import { pages, pixelsIn } from './pages.js';

test.each(Object.values(sizes))(
  'the network $title is told as it is trained',
  ({ preset, config, prediction, loss }) => {
    const images = { height: 28, width: 28, count: 1000 };
    expect(trainConfigFor(images, preset, config)).toMatchObject({ prediction, loss });
  },
);

describeWithChromium('what the page says of the model', () => {
  const browser = pages();
  const open = (page: Page, summary: string): Promise<void> => page.getByText(summary, { exact: true }).click();
  const equations = (page: Page, summary: string): Promise<string[]> =>
    page.locator('details', { hasText: summary }).locator('math').allTextContents();

  test.each([
    ['quick', 'predicts the image x̂₀ directly', 'x^0=x~', 'x~=(1+ω)xθ(xt,t,c)−ωxθ(xt,t)'],
    ['paper', 'predicts the noise ε', 'x^0=xt−1−α¯tε~α¯t', 'ε~=(1+ω)εθ(xt,t,c)−ωεθ(xt,t)'],
  ])('is what the model %s predicts', async (model, text, image, guidance) => {
    const page = await browser().open(`/sample?model=${model}&digits=3&steps=2`);
    await page.getByText(/^1 image in /).waitFor();
    await open(page, 'What is a step?');
    await page.getByText(text).waitFor();
    expect((await equations(page, 'What is a step?'))[0]).toBe(image);
    expect(await equations(page, 'What does guidance do?')).toEqual([guidance]);
  });

  test('is the step of the sampler that is chosen', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=2&sampler=ddim');
    await open(page, 'What is a step?');
    expect((await equations(page, 'What is a step?'))[1]).toBe('xs=α¯sx^0+1−α¯sε^t');
    await page.getByLabel('Sampler').selectOption('heun');
    await page.getByText(/^Heun evaluates the network at t and at s/).waitFor();
    expect((await equations(page, 'What is a step?'))[1]).toBe('xsα¯s=xtα¯t+(rs−rt)ε^t+ε^s2');
    await page.getByLabel('Sampler').selectOption('flow-heun');
    await page.getByText(/^Heun's method for rectified flow evaluates the network at t and at s/).waitFor();
    expect((await equations(page, 'What is a step?'))[1]).toBe('zs=zt+(τs−τt)u^t+u^s2');
  });

  test('is the loss that a network is trained with, squared where it is', async () => {
    const page = await browser().open('/train');
    await open(page, 'What is a step?');
    expect(await equations(page, 'What is a step?')).toEqual(['L=Ex0,t,ε‖x0−xθ(xt,t,c)‖22']);
    await page.getByRole('button', { name: 'Paper' }).click();
    await page.getByText('network is the absolute error').waitFor();
    expect(await equations(page, 'What is a step?')).toEqual(['L=Ex0,t,ε‖ε−εθ(xt,t,c)‖1']);
  });

  test('of the classifier is about the predicted image, which stands beside it', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=8&show=x&at=2');
    await page.getByText(/^1 image in /).waitFor();
    const guess = page.getByRole('region', { name: 'Classifier' });
    await guess.getByText('judges the clean image that the model predicts at this step').waitFor();
    const [noisy] = await pixelsIn(page, 'Images');
    const [judged] = await pixelsIn(page, 'Classifier');
    expect(judged).not.toEqual(noisy);
    await page.getByRole('button', { name: 'Predicted image x̂₀' }).click();
    await expect.poll(async () => (await pixelsIn(page, 'Images'))[0], patient).toEqual(judged);
  });

  test('is where it is computed', async () => {
    writeRun(join(browser().studio.runsFolder, 'there'), 1);
    const footer = (page: Page): Promise<string> => page.getByRole('contentinfo').innerText();
    expect(await footer(await browser().open('/runs'))).toBe(
      'Runs are trained and sampled by the server of this page.',
    );
    expect(await footer(await browser().open('/train'))).toMatch(/^Training runs in this browser/);
    const sample = await browser().open('/sample?model=quick&digits=3&steps=2');
    await expect.poll(() => footer(sample), patient).toMatch(/Computed in this browser \(/);
  });

  test('is which digits are chosen', async () => {
    const page = await browser().open('/sample?model=quick&steps=2');
    const pressed = (): Promise<string[]> => page.locator('.choices-rows button[aria-pressed="true"]').allInnerTexts();
    const digits = Array.from('0123456789');
    await expect.poll(pressed, patient).toEqual([...digits, 'All digits']);
    await page.getByRole('button', { name: 'Any digit' }).click();
    await expect.poll(pressed, patient).toEqual(['Any digit']);
    await page.getByRole('button', { name: '7', exact: true }).click();
    await expect.poll(pressed, patient).toEqual(['7']);
    await page.getByRole('button', { name: 'All digits' }).click();
    await expect.poll(pressed, patient).toEqual([...digits, 'All digits']);
  });
});
