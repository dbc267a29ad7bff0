import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { cliPath } from '../packages/cli/test/commands/run-cli.js';
import { launchChromium } from '../packages/ts-diffusion/test/runtime/chromium.js';
import { studioHost } from '../packages/studio/test/hosts.js';

/**
 * Takes the pictures of docs/studio.md. `npm run screenshots` writes them to docs/images; with a folder,
 * `npm run screenshots -- FOLDER`, every view goes there as it is in light, in dark and on a phone, to be looked at.
 */
interface View {
  readonly name: string;
  readonly address: string;
  /** Waits until there is something to see. */
  readonly ready: (page: Page) => Promise<void>;
  readonly look: Look;
  /** Of the picture on a desktop, in pixels. */
  readonly height?: number;
}

const looks = {
  light: { viewport: { width: 960, height: 600 }, colorScheme: 'light' },
  dark: { viewport: { width: 960, height: 600 }, colorScheme: 'dark' },
  phone: { viewport: { width: 375, height: 812 }, colorScheme: 'light', isMobile: true, hasTouch: true },
} as const;
type Look = keyof typeof looks;

const PATIENCE_MS = 300_000;
const TRAINED_STEPS = 1000;

/** Half a five, as a hand would begin it: the upper part of its stroke. */
async function drawHalfAFive(page: Page): Promise<void> {
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('there is no pad to draw on');
  const move = (x: number, y: number): Promise<void> =>
    page.mouse.move(box.x + (x * box.width) / 28, box.y + (y * box.height) / 28, { steps: 4 });
  await move(19, 6);
  await page.mouse.down();
  for (const [x, y] of [
    [11, 6],
    [10, 13],
    [15, 13],
  ] as const) {
    await move(x, y);
  }
  await page.mouse.up();
}

const done = (page: Page): Promise<void> => page.getByText('Done.').waitFor();

const views: readonly View[] = [
  {
    name: 'sample',
    address: '/sample',
    look: 'dark',
    height: 930,
    ready: (page) => page.getByText(/^10 images in /).waitFor(),
  },
  {
    name: 'noise',
    address: '/noise',
    look: 'light',
    height: 1230,
    ready: (page) => page.getByRole('img', { name: 'Signal-to-noise' }).locator('svg').waitFor({ state: 'attached' }),
  },
  { name: 'guidance', address: '/guidance?model=quick&digits=8&seed=1', look: 'light', height: 900, ready: done },
  { name: 'interpolate', address: '/interpolate', look: 'dark', height: 1030, ready: done },
  {
    name: 'draw',
    address: '/draw',
    look: 'phone',
    ready: async (page) => {
      await drawHalfAFive(page);
      await done(page);
    },
  },
  {
    name: 'train',
    address: `/train?size=tiny&steps=${TRAINED_STEPS}`,
    look: 'light',
    height: 1220,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByRole('button', { name: /^Train on/ }).waitFor();
    },
  },
  {
    name: 'runs',
    address: '/runs?run=quick&with=slower',
    look: 'light',
    height: 710,
    ready: async (page) => {
      await page.getByRole('img', { name: 'Loss of quick, slower' }).locator('svg').waitFor({ state: 'attached' });
      await page.getByRole('img', { name: 'Samples of quick' }).waitFor();
    },
  },
];

/** Two short runs, each with a receipt, for the view of the runs. The scores need MNIST's test split (README, Data). */
function trainRuns(folder: string): void {
  const diffusion = (command: string, run: string, ...options: string[]): void => {
    const shared = ['--run', join(folder, run), '--sampling-steps', '12'];
    execFileSync(process.execPath, [cliPath, command, ...shared, ...options], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  const short = ['--preset', 'quick', '--steps', '100', '--sample-every', '25', '--log-every', '2'];
  diffusion('train', 'quick', ...short);
  diffusion('train', 'slower', ...short, '--learning-rate', '0.0002');
  for (const run of ['quick', 'slower']) {
    diffusion('evaluate', run, '--count', '200', '--bits-per-dim', '2', '--near-copies', '0');
  }
}

async function shoot(browser: Browser, url: string, view: View, look: Look, path: string): Promise<void> {
  const { width, height } = looks[look].viewport;
  const viewport = { width, height: look === 'phone' ? height : (view.height ?? height) };
  const page = await (await browser.newContext({ ...looks[look], viewport, reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${url}/#${view.address}`);
  await view.ready(page);
  await page.screenshot({ path, fullPage: look === 'phone' });
  await page.context().close();
  console.log(path);
}

const {
  positionals: [folder],
} = parseArgs({ allowPositionals: true });
const runs = mkdtempSync(join(tmpdir(), 'screenshots-'));
trainRuns(runs);
const [studio, browser] = await Promise.all([studioHost(runs), launchChromium()]);
try {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  for (const view of views) {
    const wanted = folder === undefined ? [view.look] : (Object.keys(looks) as Look[]);
    for (const look of wanted) {
      const file =
        folder === undefined ? `docs/images/studio-${view.name}.png` : join(folder, `${view.name}-${look}.png`);
      await shoot(browser, studio.url, view, look, file);
    }
  }
} finally {
  await browser.close();
  await studio.close();
}
