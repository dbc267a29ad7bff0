import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patient } from '../patience.js';
import { describeWithChromium } from '../runtime/chromium.js';
import { metricsLines, writeRun } from '../studio/studio-folder.js';
import { studioHost } from './hosts.js';
import { pages } from './pages.js';

/** What the browser says of a server that is gone. */
const gone = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/;
/** The tests' sample grids are no pictures. */
const noPicture = /samples/;

describeWithChromium('the view of the runs', () => {
  const browser = pages();

  test('shows curves as they grow, differences of configurations, and draws from a checkpoint', async () => {
    const { runsFolder } = browser().studio;
    writeRun(join(runsFolder, 'first'), 3);
    writeRun(join(runsFolder, 'second'), 4);
    const page = await browser().open('/runs?run=first', { expected: noPicture });
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

    await page.getByRole('slider', { name: 'Steps' }).fill('2');
    await page.getByRole('button', { name: 'Draw', exact: true }).click();
    const picture = page.getByAltText('Two of each digit, drawn from checkpoint.safetensors');
    await picture.waitFor();
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(3 * (10 * 10 + 2));
  });

  test('says when a run cannot be started, and why', async () => {
    writeRun(join(browser().studio.runsFolder, 'taken'), 1);
    const page = await browser().open('/runs', { expected: /409|samples/ });
    await page.getByLabel('Name').fill('taken');
    await page.getByRole('button', { name: 'Start training' }).click();
    await page.getByRole('alert').getByText('There is a run called taken already: choose another name.').waitFor();
  });

  test('goes on by itself when a server that was killed is back', async () => {
    const { runsFolder } = browser().studio;
    writeRun(join(runsFolder, 'long'), 3);
    const first = await studioHost(runsFolder);
    const page = await browser().open('/runs?run=long', {
      host: first,
      expected: new RegExp(`${gone.source}|samples`),
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
