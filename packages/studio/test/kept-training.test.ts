import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { encodeCheckpoint } from '../../ts-diffusion/src/training/checkpoint-format.js';
import { tinyCheckpoint } from '../../ts-diffusion/test/pipeline/tiny-model.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { pages, pixelsIn } from './pages.js';

/** A training that nobody waits for the end of. */
const LONG = '/train?size=tiny&digits=01&steps=1000';
const SHORT = '/train?size=tiny&digits=01&steps=2';

describeWithChromium('the training that the browser keeps', () => {
  const browser = pages();
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const link = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name });
  const stepIn = async (page: Page): Promise<number> =>
    parseInt((await page.getByText(/^[\d,]+ \/ 1,000$/).innerText()).replace(',', ''));
  const kept = (page: Page) => page.getByText(/^Saved in this browser at step/);
  const trained = async (page: Page): Promise<void> => {
    await button(page, 'Start').click();
    await page.getByText('Finished. Saved in this browser at step 2 of 2.').waitFor();
  };
  /** Another tab of the same browser. */
  const secondTab = async (page: Page): Promise<Page> => {
    const second = await page.context().newPage();
    second.setDefaultTimeout(patient.timeout);
    await second.goto(page.url());
    return second;
  };

  test('goes on when another view is shown, which tells how far it is', async () => {
    const page = await browser().open(LONG);
    await button(page, 'Start').click();
    await expect.poll(() => stepIn(page), patient).toBeGreaterThan(0);
    await link(page, 'Noise').click();
    await page.getByRole('heading', { name: 'From digit to noise' }).waitFor();
    const status = page.getByRole('link', { name: /^Training \d+ %$/ });
    await status.waitFor();
    const before = await status.getAttribute('title');
    await expect.poll(() => status.getAttribute('title'), patient).not.toBe(before);
    await status.click();
    await page.getByRole('heading', { name: 'Train a model here' }).waitFor();
    expect(await page.getByRole('link', { name: /^Training/ }).count()).toBe(0);
    expect(await stepIn(page)).toBeGreaterThan(1);
    await button(page, 'Pause').click();
    await kept(page).waitFor();
  });

  test('says why it cannot be sampled from when its checkpoint is damaged', async () => {
    const page = await browser().open(SHORT);
    await trained(page);
    await page.evaluate(`new Promise((resolve, reject) => {
      const opening = indexedDB.open('ts-diffusion', 1);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction('trainings', 'readwrite');
        const store = transaction.objectStore('trainings');
        store.get('current').onsuccess = ({ target }) =>
          store.put({ ...target.result, checkpoint: new TextEncoder().encode('Dear model') }, 'current');
        transaction.oncomplete = resolve;
        transaction.onabort = reject;
      };
    })`);
    await page.reload();
    const address = page.url();
    await button(page, 'Sample from it').click();
    const alert = page.getByRole('region', { name: 'Saved run' }).getByRole('alert');
    await alert.getByText(/: not a valid safetensors file/).waitFor();
    expect(page.url()).toBe(address);
  });

  test('says in other views that it is finished, and not that it trains', async () => {
    const page = await browser().open(SHORT);
    await button(page, 'Start').click();
    await link(page, 'Noise').click();
    await page.getByRole('link', { name: 'Training finished' }).click();
    await page.getByText('Finished. Saved in this browser at step 2 of 2.').waitFor();
    await button(page, 'Train on').waitFor();
    expect(await page.getByText('Training.', { exact: true }).count()).toBe(0);
    await link(page, 'Noise').click();
    await page.getByRole('heading', { name: 'From digit to noise' }).waitFor();
    expect(await page.getByRole('link', { name: /^Training/ }).count()).toBe(0);
  });

  test('is asked about before it is discarded or replaced', async () => {
    const page = await browser().open(SHORT);
    await page.getByText('No run yet').waitFor();
    await trained(page);
    const question = page.getByRole('dialog');
    const file = { name: 'other.safetensors', mimeType: '', buffer: Buffer.from(encodeCheckpoint(tinyCheckpoint())) };
    const openFile = (): Promise<void> => page.getByLabel('Open a checkpoint to continue').setInputFiles(file);
    for (const ask of [
      () => button(page, 'Discard').click(),
      () => button(page, 'Replace this run...').click(),
      openFile,
    ]) {
      await ask();
      await question.getByText('download its checkpoint first').waitFor();
      await question.getByRole('button', { name: 'Cancel' }).click();
      await question.waitFor({ state: 'detached' });
      await page.keyboard.press('Escape');
    }
    await page.reload();
    await page.getByText('Finished. Saved in this browser at step 2 of 2.').waitFor();
    await openFile();
    await question.getByRole('button', { name: 'Replace the run' }).click();
    await page.getByRole('heading', { name: 'other.safetensors' }).waitFor();
    await button(page, 'Replace this run...').click();
    await question.getByRole('button', { name: 'Replace the run' }).click();
    await page.getByText('Finished. Saved in this browser at step 2 of 2.').waitFor();
    await button(page, 'Discard').click();
    await question.getByRole('button', { name: 'Discard the run' }).click();
    await page.getByText('No run yet').waitFor();
  });

  test('is trained by one tab at a time, and the others follow', async () => {
    const page = await browser().open(LONG);
    await page.getByText('No run yet').waitFor();
    const second = await secondTab(page);
    await second.getByText('No run yet').waitFor();
    await button(page, 'Start').click();
    await second.getByText('Another tab of this browser is training.').waitFor();
    expect(await button(second, 'Start').isDisabled()).toBe(true);
    await page.getByRole('heading', { name: 'Samples at step 25' }).waitFor();
    await button(page, 'Pause').click();
    await kept(page).waitFor();
    await button(second, 'Resume').waitFor();
    expect(await kept(second).innerText()).toBe(await kept(page).innerText());
    expect(await second.getByText('Another tab of this browser is training.').count()).toBe(0);
  });

  test('is not overwritten by a tab that has not heard of the other', async () => {
    const page = await browser().open(SHORT);
    await page.getByText('No run yet').waitFor();
    const second = await secondTab(page);
    await second.getByText('No run yet').waitFor();
    // What the other tab tells is lost on its way.
    await page.evaluate('BroadcastChannel.prototype.postMessage = () => undefined');
    await trained(page);
    await button(second, 'Start').click();
    await second.getByRole('alert').getByText('Another tab of this browser has changed the saved run.').waitFor();
    await second.getByText('Finished. Saved in this browser at step 2 of 2.').waitFor();
    await page.reload();
    await page.getByText('Finished. Saved in this browser at step 2 of 2.').waitFor();
    expect((await pixelsIn(page, 'Samples')).length).toBe(0);
  });

  test('is not overwritten by a tab without locks either', async () => {
    const page = await browser().open(LONG, { worker: 'delete WorkerNavigator.prototype.locks;' });
    await page.context().addInitScript('delete Navigator.prototype.locks');
    await page.reload();
    await page.getByText('No run yet').waitFor();
    const second = await secondTab(page);
    await second.getByText('No run yet').waitFor();
    await button(page, 'Start').click();
    await button(second, 'Start').click();
    const told = (each: Page) => each.getByText('Another tab of this browser has changed the saved run.').count();
    await expect.poll(async () => (await told(page)) + (await told(second)), patient).toBe(1);
    const winner = (await told(page)) === 1 ? second : page;
    await winner.getByRole('heading', { name: 'Samples at step 25' }).waitFor();
    await button(winner, 'Pause').click();
    await kept(winner).waitFor();
  });
});
