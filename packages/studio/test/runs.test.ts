import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Dataset } from '../../ts-diffusion/src/data/dataset.js';
import { loadEmbeddedDigits } from '../../ts-diffusion/src/node/data/embedded.js';
import { encodeIdx } from '../../ts-diffusion/src/data/idx.js';
import { FRECHET_METRIC } from '../../ts-diffusion/src/evaluation/scores/frechet.js';
import { writeReceipt } from '../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { contents, frechet } from '../../ts-diffusion/test/evaluation/receipt-contents.js';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { metricsLines, writeRun } from '../../cli/test/studio/studio-folder.js';
import { studioHost } from './hosts.js';
import { pages } from './pages.js';

/** What the browser says of a server that is gone. */
const gone =
  /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_CONTENT_LENGTH_MISMATCH/;

describeWithChromium('the view of the runs', () => {
  const browser = pages();
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('shows curves as they grow, differences of configurations, and draws from a checkpoint', async () => {
    const { runsFolder } = browser().studio;
    writeRun(join(runsFolder, 'first'), 3);
    writeRun(join(runsFolder, 'second'), 4);
    const page = await browser().open('/runs?run=first');
    await page.getByRole('img', { name: 'Loss of first over training steps' }).waitFor();
    await page.getByText('step 3 of 3').waitFor();
    appendFileSync(join(runsFolder, 'first/metrics.jsonl'), metricsLines(4, 5));
    await page.getByText('step 5 of 3').waitFor();

    await page.getByLabel('compare second').check();
    await page.getByRole('img', { name: 'Loss of first, second over training steps' }).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'steps' });
    await expect.poll(() => row.getByRole('cell').allTextContents(), patient).toEqual(['3', '4']);
    await page.getByRole('button', { name: 'ms per step' }).click();
    await page.getByRole('img', { name: 'ms per step of first, second over training steps' }).waitFor();

    const samplesAt = (step: number): Promise<number> =>
      page
        .getByAltText(`Samples of first, step ${step}`)
        .evaluate((image) => (image as HTMLImageElement).decode().then(() => (image as HTMLImageElement).naturalWidth));
    expect(await samplesAt(3)).toBe(3);
    await page.getByRole('slider', { name: 'Step', exact: true }).fill('0');
    expect(await samplesAt(2)).toBe(2);

    await page.getByRole('slider', { name: 'Steps' }).fill('2');
    await page.getByRole('button', { name: 'Draw', exact: true }).click();
    const picture = page.getByAltText('Two of each class, sampled from checkpoint.safetensors');
    await picture.waitFor();
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(3 * (10 * 10 + 2));
  });

  test('starts a training, and goes on with it', async () => {
    const { runsFolder } = browser().studio;
    writeDigits(join(runsFolder, '.digits'), await loadEmbeddedDigits());
    vi.stubEnv('DIFFUSION_DATA_DIR', join(runsFolder, '.digits'));
    const page = await browser().open('/runs');
    const form = page.getByRole('form', { name: 'New run' });
    await form.getByLabel('Name').fill('mine');
    await form.getByLabel('Steps', { exact: true }).fill('1');
    await form.getByLabel(/^Sample every/).fill('0');
    await form.getByRole('button', { name: 'Start training' }).click();
    const run = page.getByRole('region', { name: 'The run' });
    await run.getByText('finished').waitFor();
    await page.getByText('No samples yet.').waitFor();
    await run.getByRole('button', { name: 'Continue to 2 steps' }).click();
    await page.getByText('step 2 of 2').waitFor();
    await run.getByText('finished').waitFor();
  });

  test('stops a training, and resumes it', async () => {
    const { url } = browser().studio;
    const config = { channels: [4, 8, 16], timesteps: 10, batchSize: 4, threads: 1, sampleEvery: 0, logEvery: 1 };
    const page = await browser().open('/runs');
    await page.request.post(`${url}/api/runs`, {
      data: { name: 'endless', preset: 'paper', config: { ...config, offline: true, steps: 1_000_000 } },
    });
    await page.getByRole('button', { name: /^endless/ }).click();
    const run = page.getByRole('region', { name: 'The run' });
    await page.getByText(/^step [1-9][\d,]* of 1,000,000/).waitFor();
    await run.getByRole('button', { name: 'Stop' }).click();
    await run.getByText('stopped').waitFor();
    await run.getByRole('button', { name: 'Resume' }).click();
    await run.getByText('training', { exact: true }).waitFor();
    await run.getByRole('button', { name: 'Stop' }).click();
    await run.getByText('stopped').waitFor();
  });

  test('shows the scores of runs beside one another, and which do not compare', async () => {
    const { runsFolder } = browser().studio;
    for (const [name, ...scores] of [
      ['good', frechet(3), { ...frechet(9.5), metric: 'Inception score' }],
      ['better', frechet(2.5), { ...frechet(9.8, { samples: 500 }), metric: 'Inception score' }],
    ] as const) {
      writeRun(join(runsFolder, name), 3);
      mkdirSync(join(runsFolder, name, 'receipts'));
      writeReceipt(join(runsFolder, name, 'receipts/receipt.json'), contents(...scores));
    }
    const page = await browser().open('/runs?run=good&with=better');
    const scores = page.getByRole('region', { name: 'Scores' });
    const cellsOf = (metric: string): Promise<string[]> =>
      scores.getByRole('row').filter({ hasText: metric }).getByRole('cell').allTextContents();
    await scores.getByText('Frechet distance').waitFor();
    expect(await cellsOf('Frechet distance')).toEqual(['3.0000 ± 0.10', '2.5000 ± 0.10']);
    expect(await cellsOf('Inception score')).toEqual(['9.5000 ± 0.10', '9.8000 ± 0.10']);
    expect(await scores.getByText(/Different conditions/).count()).toBe(1);
    expect(await scores.getByText(/Different conditions.*500/).count()).toBe(1);
  });

  test('shows scores and curves under the names of now, and says which file is no receipt', async () => {
    const former = { ...frechet(4), metric: 'Frechet distance (MNIST CNN features)' };
    const folder = join(browser().studio.runsFolder, 'former');
    writeRun(folder, 3);
    appendFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify({ step: 3, scores: { [former.metric]: 4 } })}\n`);
    mkdirSync(join(folder, 'receipts'));
    const receipt = { format: 'ts-diffusion receipt 1', ...contents(former) };
    writeFileSync(join(folder, 'receipts/former.json'), JSON.stringify(receipt));
    writeFileSync(join(folder, 'receipts/wrong.json'), '{"scores":[null]}');
    const page = await browser().open('/runs?run=former');
    const scores = page.getByRole('region', { name: 'Scores' });
    await scores.getByRole('row').filter({ hasText: FRECHET_METRIC }).waitFor();
    await scores.getByText(/former\/wrong\.json: not a receipt/).waitFor();
    await page.getByRole('region', { name: 'Curves' }).getByRole('button', { name: FRECHET_METRIC }).waitFor();
  });

  test('says when there is no such run', async () => {
    const page = await browser().open('/runs?run=nobody');
    await page.getByText('There is no run called nobody.').waitFor();
    await page.getByRole('form', { name: 'New run' }).waitFor();
  });

  test('shows nothing that would move before all of it is there', async () => {
    writeRun(join(browser().studio.runsFolder, 'awaited'), 1);
    const page = await browser().open('/noise');
    await page.getByRole('img', { name: /Signal-to-noise ratio/ }).waitFor();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.context().route(/api\/runs\/[^/]+$/, async (route) => {
      await held;
      await route.continue();
    });
    await page.evaluate(`
      globalThis.formsSeen = 0;
      new MutationObserver(() => {
        if (document.querySelector('form[aria-label="New run"]')?.checkVisibility()) globalThis.formsSeen++;
      }).observe(document.body, { subtree: true, childList: true, attributes: true });`);
    const [asked] = await Promise.all([
      page.waitForRequest(/api\/runs\/[^/]+$/),
      page.getByRole('link', { name: 'Runs' }).click(),
    ]);
    expect(asked.method()).toBe('GET');
    expect(await page.evaluate('globalThis.formsSeen')).toBe(0);
    answer();
    await page.getByRole('form', { name: 'New run' }).waitFor();
  });

  test('keeps what is there while the details of another run are awaited, or cannot be had', async () => {
    const { runsFolder } = browser().studio;
    for (const name of ['here', 'there']) writeRun(join(runsFolder, name), 1);
    const page = await browser().open('/runs?run=here', { expected: /ERR_FAILED/ });
    const [run, form] = [page.getByRole('region', { name: 'The run' }), page.getByRole('form', { name: 'New run' })];
    await run.waitFor();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    let failures = 1;
    await page.context().route(/api\/runs\/there$/, async (route) => {
      await held;
      await (failures-- > 0 ? route.abort() : route.continue());
    });
    await Promise.all([page.waitForRequest(/api\/runs\/there$/), page.getByRole('button', { name: /^there/ }).click()]);
    expect(await form.isVisible()).toBe(true);
    // Those of the run before are still seen, but not in anybody's reach.
    expect(await page.locator('[inert] button').count()).toBeGreaterThan(0);
    answer();
    await page.getByRole('alert').getByText('The details of there could not be loaded.').waitFor();
    expect(await form.isVisible()).toBe(true);
    await run.waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('says when a run cannot be started, and why', async () => {
    writeRun(join(browser().studio.runsFolder, 'taken'), 1);
    const page = await browser().open('/runs', { expected: /409/ });
    await page.getByLabel('Name').fill('taken');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByRole('alert').getByText('A run named taken already exists. Choose another name.').waitFor();
  });

  test('goes on by itself when a server that was killed is back', async () => {
    const { runsFolder } = browser().studio;
    writeRun(join(runsFolder, 'long'), 3);
    const first = await studioHost(runsFolder);
    const page = await browser().open('/runs?run=long', {
      host: first,
      expected: gone,
    });
    await page.getByRole('img', { name: 'Loss of long' }).locator('svg').waitFor({ state: 'attached' });
    await first.stop();
    await page.getByText('The server does not answer.').waitFor();
    appendFileSync(join(runsFolder, 'long/metrics.jsonl'), metricsLines(4, 4));
    const second = await studioHost(runsFolder, Number(new URL(first.url).port));
    await page.getByText('step 4 of 3').waitFor();
    await expect.poll(() => page.getByText('The server does not answer.').count(), patient).toBe(0);
    await second.stop();
  });
});

/** Digits to train on, the same on every machine. */
function writeDigits(folder: string, { images, labels, count, height, width }: Dataset): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), encodeIdx({ shape: [count, height, width], data: images }));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), encodeIdx({ shape: [count], data: labels }));
}
