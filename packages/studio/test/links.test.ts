import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { pages, pixelsIn } from './pages.js';

describeWithChromium('links', () => {
  const browser = pages();
  const view = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name });
  const parametersOf = (page: Page): Record<string, string> =>
    Object.fromEntries(new URLSearchParams(page.url().split('?')[1]));

  test('hold every setting that decides the picture, so that other defaults do not change what they show', async () => {
    const page = await browser().open('/sample?model=quick&digits=3');
    await page.getByText(/^1 image in /).waitFor();
    await expect
      .poll(() => parametersOf(page), patient)
      .toEqual({
        model: 'quick',
        weights: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        digits: '3',
        each: '1',
        omega: '0.8',
        sampler: 'dpm-solver++',
        steps: '10',
        spacing: 'trailing',
        seed: '0',
        show: 'x',
      });
    const [address, drawn] = [page.url(), await pixelsIn(page, 'Images')];
    // The manifest is a part of the page's script.
    const defaults = { sampler: 'ddim', samplingSteps: 3, spacing: 'trailing', guidanceWeight: 4 };
    await page.context().route('**/assets/index-*.js', async (route) => {
      const response = await route.fetch();
      const script = await response.text();
      const body = script.replace(/\bdefaults:\{sampler:[^}]*\}/g, `defaults:${JSON.stringify(defaults)}`);
      await route.fulfill({ response, body });
    });
    await page.reload();
    await page.getByText(/^1 image in /).waitFor();
    expect(page.url()).toBe(address);
    expect(await pixelsIn(page, 'Images')).toEqual(drawn);
    // The defaults are others indeed.
    await page.goto(address.replace(/#.*/, '#/sample?model=quick&digits=3'));
    await expect.poll(() => parametersOf(page)['steps'], patient).toBe('3');
  });

  test.each([
    ['noise', ['T', 'digit', 'nth', 'seed', 't']],
    ['guidance', ['digits', 'model', 'sampler', 'seed', 'spacing', 'weights']],
    ['interpolate', ['from', 'fromSeed', 'model', 'omega', 'steps', 'to', 'toSeed', 'weights']],
    ['draw', ['digit', 'how', 'model', 'omega', 'region', 'seed', 'strength', 'weights']],
  ])('to the view %s are complete', async (name, expected) => {
    const page = await browser().open(`/${name}`);
    await expect.poll(() => Object.keys(parametersOf(page)).sort(), patient).toEqual(expected);
  });

  test('to a model that is not here say so, and show no other', async () => {
    const page = await browser().open('/sample?model=gone&digits=3&steps=2');
    await page.getByRole('alert').getByText('There is no model called gone here.').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(parametersOf(page)['model']).toBe('gone');
    expect((await pixelsIn(page, 'Images'))[0]?.every((value) => value === 0)).toBe(true);
    await page.getByLabel('Model', { exact: true }).selectOption('quick');
    await page.getByText(/^1 image in /).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('made with other weights of the model say so, until another model is chosen', async () => {
    const page = await browser().open('/sample?model=quick&weights=01234567&digits=3&steps=2');
    const alert = page.getByRole('alert');
    await alert
      .getByText(/^The link was made with other weights of this model \(01234567; here: [0-9a-f]{8}\)/)
      .waitFor();
    const { weights } = parametersOf(page);
    expect(weights).not.toBe('01234567');
    await page.getByLabel('Model', { exact: true }).selectOption('paper');
    await expect.poll(() => parametersOf(page), patient).toMatchObject({ model: 'paper' });
    await expect.poll(() => alert.count(), patient).toBe(0);
    expect(parametersOf(page)['weights']).not.toBe(weights);
  });

  test('with a setting that cannot be had say so', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=2&omega=99&sampler=magic');
    const alert = page.getByRole('alert');
    await alert.getByText('The link asks for omega=99, which this page cannot show; it uses 6.').waitFor();
    await alert
      .getByText('The link asks for sampler=magic, which this page cannot show; it uses dpm-solver++.')
      .waitFor();
    expect(parametersOf(page)).toMatchObject({ omega: '6', sampler: 'dpm-solver++' });
    await page.getByRole('slider', { name: 'Guidance ω' }).fill('2');
    await page.getByLabel('Sampler').selectOption('ddim');
    await expect.poll(() => alert.count(), patient).toBe(0);
  });

  test('keep what is being typed when the page is drawn anew', async () => {
    const page = await browser().open('/sample?model=quick&digits=3&steps=2&seed=5');
    const seed = page.getByLabel('Seed');
    await seed.fill('61');
    await page.getByLabel('Sampler').selectOption('ddim');
    await page.getByText(/^1 image in /).waitFor();
    await seed.blur();
    await expect.poll(() => parametersOf(page), patient).toMatchObject({ seed: '61', sampler: 'ddim' });
  });

  test('show the seed in use after another was typed and taken back', async () => {
    const page = await browser().open('/noise?seed=5');
    const seed = page.getByLabel('Seed');
    await seed.press('End');
    await seed.press('1');
    await seed.press('Backspace');
    await page.getByRole('button', { name: 'New seed' }).click();
    await expect.poll(() => parametersOf(page)['seed'], patient).not.toBe('5');
    await expect.poll(() => seed.inputValue(), patient).toBe(parametersOf(page)['seed']);
  });

  test('between the views keep the model, the seed and what was drawn', async () => {
    const page = await browser().open('/draw?model=paper&seed=5&digit=1');
    const pad = page.getByRole('application');
    await pad.click();
    await expect.poll(() => page.url(), patient).toContain('ink=');
    const { ink } = parametersOf(page);
    await view(page, 'Train').click();
    await page.getByRole('heading', { name: 'Train a model here' }).waitFor();
    await view(page, 'Sample').click();
    await expect.poll(() => parametersOf(page), patient).toMatchObject({ model: 'paper', seed: '5', steps: '20' });
    await page.getByLabel('Model', { exact: true }).selectOption('quick');
    await page.getByLabel('Seed').fill('6');
    await page.getByLabel('Seed').blur();
    // What was at the default of the model before is at the default of this one.
    await expect.poll(() => parametersOf(page), patient).toMatchObject({ model: 'quick', seed: '6', steps: '10' });
    await view(page, 'Noise').click();
    await expect.poll(() => parametersOf(page), patient).toMatchObject({ seed: '6', T: '1000' });
    await view(page, 'Draw').click();
    await expect.poll(() => parametersOf(page), patient).toMatchObject({ model: 'quick', seed: '6', digit: '1', ink });
  });
});
