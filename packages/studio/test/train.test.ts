import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { loadEmbeddedDigits } from '../../ts-diffusion/src/node/data/embedded.js';
import { createNodeRuntime } from '../../ts-diffusion/src/node/runtime/node.js';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
} from '../../ts-diffusion/src/training/checkpoint-format.js';
import { train } from '../../ts-diffusion/src/training/training-run.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { layoutShift, pages, pixelsIn } from './pages.js';

describeWithChromium('training in the browser', () => {
  const browser = pages();
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const trainsBeyond = async (page: Page, step: number): Promise<void> => {
    const shown = page.getByText(/^[\d,]+ \/ 1,000$/);
    await expect.poll(async () => parseInt(await shown.innerText()), patient).toBeGreaterThan(step);
  };
  const kept = (page: Page) => page.getByText(/^Saved in this browser at step/);

  test('survives a reload, pauses and resumes, and exchanges checkpoints with Node', async () => {
    const page = await browser().open('/train?size=tiny&steps=1000');
    await page.getByText('No run yet').waitFor();
    await button(page, 'Start').click();
    await page.getByRole('heading', { name: 'Samples at step 25' }).waitFor();
    expect((await pixelsIn(page, 'Samples')).map(({ length }) => length)).toEqual(Array(10).fill(784));

    // In the middle of training, after the first checkpoint. A fast machine may have saved another one by then, and one more may
    // have been on its way when the page went.
    await page.evaluate(`addEventListener('pagehide', () => {
      const term = [...document.querySelectorAll('dt')].find((each) => each.textContent === 'Saved at step');
      sessionStorage.setItem('said', term.nextElementSibling.textContent);
    })`);
    await page.reload();
    await kept(page).waitFor();
    const said = Number(await page.evaluate<string>(`sessionStorage.getItem('said')`));
    expect(said).toBeGreaterThanOrEqual(25);
    expect(said % 25).toBe(0);
    const [, step] = /^Saved in this browser at step ([\d,]+) of 1,000\.$/.exec(await kept(page).innerText()) ?? [];
    expect([said, said + 25]).toContain(Number(step));
    await button(page, 'Resume').click();
    await trainsBeyond(page, Number(step));
    await button(page, 'Pause').click();
    await kept(page).waitFor();

    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download checkpoint').click()]);
    const ofBrowser = decodeCheckpoint(readFileSync(await download.path()), 'the download');
    expect(ofBrowser.step).toBeGreaterThan(25);
    expect(ofBrowser.config).toMatchObject({ channels: [16, 32], patchSize: 2, batchSize: 32, steps: 1000 });

    const ofNode = await trainOn(ofBrowser, 2);
    expect(ofNode.step).toBe(ofBrowser.step + 2);
    await button(page, 'Discard').click();
    await button(page, 'Discard the run').click();
    await page.getByText('No run yet').waitFor();
    const file = { name: 'node.safetensors', mimeType: '', buffer: Buffer.from(encodeCheckpoint(ofNode)) };
    await page.getByLabel('Open a checkpoint to continue').setInputFiles(file);
    await button(page, 'Resume').click();
    await trainsBeyond(page, ofNode.step);
    await button(page, 'Pause').click();
    await kept(page).waitFor();
    await button(page, 'Sample from it').click();
    await page.getByText(/^10 images in /).waitFor();
  });

  test('goes on from what was kept when its worker died', async () => {
    const page = await browser().open('/train?size=tiny&steps=1000');
    await button(page, 'Start').click();
    await page.getByRole('heading', { name: 'Samples at step 25' }).waitFor();
    for (const worker of page.workers()) await worker.evaluate('close()').catch(() => undefined);
    await page.getByRole('alert').getByText('ended unexpectedly').waitFor();
    await kept(page).waitFor();
    await button(page, 'Resume').click();
    await trainsBeyond(page, 25);
    expect(await page.getByRole('alert').count()).toBe(0);
    await button(page, 'Pause').click();
    await kept(page).waitFor();
  });

  test('moves nothing when it begins and when it ends', async () => {
    for (const width of [375, 1280]) {
      // High enough for all of it: what is below the screen may move unseen.
      const page = await browser().open('/train?size=tiny&digits=01&steps=2', { viewport: { width, height: 2400 } });
      await page.getByText('No run yet').waitFor();
      await button(page, 'Start').click();
      await page.getByRole('button', { name: 'Train on', exact: true }).waitFor();
      expect(await layoutShift(page), `${width} pixels`).toBeLessThan(0.01);
      await page.context().close();
    }
  });

  test('on some digits only, and a file that is no checkpoint', async () => {
    const page = await browser().open('/train?size=tiny&digits=01&steps=2');
    await button(page, 'Start').click();
    await page.getByRole('heading', { name: 'Samples at step 2' }).waitFor();
    expect(await pixelsIn(page, 'Samples')).toHaveLength(2);
    await page.getByText('Tiny, digits 01').waitFor();
    const file = { name: 'not.safetensors', mimeType: '', buffer: Buffer.from('nothing of the kind') };
    await page.getByLabel('Open a checkpoint to continue').setInputFiles(file);
    await page.getByText(/not\.safetensors: not a valid safetensors file/).waitFor();
  });
});

/** The next steps of a run, taken in Node. */
async function trainOn(resume: Checkpoint, steps: number): Promise<Checkpoint> {
  const [dataset, runtime] = [await loadEmbeddedDigits(), await createNodeRuntime({ threads: 1 })];
  let last = resume;
  const store = {
    path: 'memory',
    hasCheckpoint: true,
    openMetrics: () => ({ append: () => undefined, flush: () => undefined, close: () => undefined }),
    writeCheckpoint: (checkpoint: Checkpoint) => {
      last = checkpoint;
    },
  };
  const stop = new AbortController();
  for await (const event of train({ config: resume.config, dataset, runtime, store, resume, signal: stop.signal })) {
    if (event.type === 'step' && event.step === resume.step + steps) stop.abort();
  }
  return last;
}
