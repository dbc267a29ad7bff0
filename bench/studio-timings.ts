import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../packages/ts-diffusion/test/runtime/chromium.js';
import { studioHost } from '../packages/studio/test/hosts.js';
import { isolatedHost } from './support/isolated-host.js';
import { someOf, wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { row, timed } from './support/statistics.js';

/**
 * How long the studio takes in a browser: to load the model it opens with, to draw one digit, to train. Built files, the
 * studio's own server, chromium, WASM. `npm run build:studio && npx tsx bench/studio-timings.ts`; with `--page FOLDER` another
 * build of the page, as of another commit, on a plain host that isolates it.
 */
const PATIENCE_MS = 300_000;
/** As many as between two checkpoints, so that each window of the training holds one and its samples. */
const WINDOW = 25;
/** The first steps are not counted. */
const WARM_UP = 5;
/** What the footer says once the model is loaded. */
const COMPUTED = /Computed in this (browser|page)/;

const measurements = ['load', 'digit', 'train'] as const;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: measurements.join() },
    page: { type: 'string' },
  },
});
const rounds = wholeNumber('rounds', options.rounds);
const wanted = someOf('only', options.only, measurements);

const [studio, browser] = await Promise.all([
  options.page === undefined ? studioHost() : isolatedHost(options.page),
  launchChromium(),
]);
try {
  heading('The studio in a browser', `npx tsx bench/studio-timings.ts ${process.argv.slice(2).join(' ')}`);
  say(`- chromium ${browser.version()}, ${await whereItComputes(browser)}`);
  if (wanted.includes('load')) {
    table('Loading', { 'from navigation to the model loaded': await repeated(loading) });
  }
  if (wanted.includes('digit')) {
    table('One digit, from the click to the finished image', {
      'one digit after another, each of another seed': await warmDigits(),
      'the same, by the student in one step': await warmDigits('&model=student'),
      'the first alone after the ten that the page opens with': await repeated(() => digit('')),
      'the same, while it still draws what it opens with': await repeated(() => digit('', false)),
      '5 steps of DPM-Solver++ 2M': await repeated(() => digit('&sampler=dpm-solver%2B%2B&steps=5')),
    });
  }
  if (wanted.includes('train')) {
    const { shown, windows } = await training();
    table(
      'Training, quick preset, batch 32',
      { 'steps with the checkpoint and samples among them': windows },
      'steps/s',
    );
    say(`\nThe page itself says ${shown} steps per second, of the steps alone.`);
  }
} finally {
  await browser.close();
  await studio.close();
}

/** A page as somebody who has never been here gets it. */
async function open(address: string): Promise<Page> {
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${studio.url}/#${address}`, { waitUntil: 'commit' });
  return page;
}

async function loaded(page: Page): Promise<void> {
  await page.getByText(COMPUTED).waitFor();
}

async function whereItComputes(on: Browser): Promise<string> {
  const page = await open('/sample?device=wasm&digits=1&steps=1');
  const where = /\((.*)\)\.$/.exec((await page.getByText(COMPUTED).textContent()) ?? '')?.[1] ?? '?';
  await Promise.all(on.contexts().map((context) => context.close()));
  return where;
}

async function loading(): Promise<number> {
  const page = await open('/sample?device=wasm');
  await loaded(page);
  // Since the navigation began.
  const milliseconds = await page.evaluate<number>('performance.now()');
  await page.context().close();
  return milliseconds;
}

/** @param settled whether what the page opens with is drawn before the click */
async function digit(settings: string, settled = true): Promise<number> {
  const page = await open(`/sample?device=wasm${settings}`);
  await loaded(page);
  if (settled) await page.getByText(/^10 images in /).waitFor();
  const milliseconds = await timed(async () => {
    await page.getByRole('button', { name: '3', exact: true }).click();
    await page.getByText(/^1 image in /).waitFor();
  });
  await page.context().close();
  return milliseconds;
}

/** Each from the click to the finished image, as the page sees it, after a first one. */
async function warmDigits(settings = ''): Promise<number[]> {
  const page = await open(`/sample?device=wasm&digits=3${settings}`);
  await page.getByText(/^1 image in /).waitFor();
  // As text: the transpiler would rewrite a function.
  const another = `new Promise((resolve) => {
    const done = () => /1 image in /.test(document.body.innerText);
    let begun = false;
    const watch = new MutationObserver(() => {
      if (!done()) begun = true;
      else if (begun) {
        watch.disconnect();
        resolve(performance.now() - start);
      }
    });
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
    const start = performance.now();
    [...document.querySelectorAll('button')].find((button) => /^(New seed|Another|New)/.test(button.textContent)).click();
  })`;
  await page.evaluate<number>(another);
  const measured = await repeated(() => page.evaluate<number>(another));
  await page.context().close();
  return measured;
}

/** Steps per second over one window of steps after another, and as the page shows it in the end. */
async function training(): Promise<{ readonly shown: string; readonly windows: readonly number[] }> {
  const page = await open('/train?device=wasm&size=quick');
  await page.getByRole('button', { name: 'Start' }).click();
  const bar = page.getByRole('progressbar', { name: 'Training' });
  const reached = async (step: number): Promise<void> => {
    while (Number(await bar.getAttribute('aria-valuenow')) < step) await delay(20);
  };
  await reached(WARM_UP);
  const windows: number[] = [];
  for (let end = WARM_UP + WINDOW; windows.length < rounds; end += WINDOW) {
    windows.push((1000 * WINDOW) / (await timed(() => reached(end))));
  }
  const shown = await page.getByText('Steps per second').locator('+ dd').textContent();
  await page.context().close();
  return { shown: shown ?? '?', windows };
}

async function repeated(measure: () => Promise<number>): Promise<number[]> {
  const measured: number[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure());
  return measured;
}

function table(title: string, results: Readonly<Record<string, readonly number[]>>, unit?: string): void {
  say(`\n## ${title}\n`);
  say('| | median | range | rounds |');
  say('|---|---|---|---|');
  for (const [name, measured] of Object.entries(results)) say(row(name, measured, unit));
}
