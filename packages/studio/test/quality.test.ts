import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { patient } from '../../ts-diffusion/test/patience.js';
import { describeWithChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { writeRun } from '../../cli/test/studio/studio-folder.js';
import { builtPage } from './hosts.js';
import { layoutShift, pages } from './pages.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Every view, and how one sees that all of it is there. */
const views: readonly (readonly [address: string, complete: (page: Page) => Promise<unknown>])[] = [
  ['sample?model=quick&steps=2', (page) => page.getByRole('region', { name: 'Classifier' }).waitFor()],
  [
    'noise',
    (page) =>
      page
        .getByRole('img', { name: /Signal-to-noise/ })
        .locator('svg')
        .waitFor(attached),
  ],
  ['guidance?model=quick', (page) => page.getByText(/^\d+ of 25 cells|^Done/).waitFor()],
  ['interpolate?model=quick&steps=2', (page) => page.getByRole('region', { name: 'Classifier' }).waitFor()],
  ['draw?model=quick', (page) => page.getByText('Draw something.').waitFor()],
  ['train', (page) => page.getByText('No run yet').waitFor()],
  ['runs', (page) => page.getByRole('img', { name: /^Loss/ }).locator('svg').waitFor(attached)],
];
/** Charts are hidden from what reads the page aloud. */
const attached = { state: 'attached' } as const;

test('all scripts and styles but the runtime are below 200 KB gzipped', () => {
  const folder = join(builtPage, 'assets');
  const ours = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name) && !name.startsWith('ort'));
  const bytes = ours.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(200 * 1024);
});

describeWithChromium('every view', () => {
  const browser = pages();

  test.each(views)(
    '%s: no accessibility violation, nothing wider than the screen, nothing that moves',
    async (view, complete) => {
      writeRun(join(browser().studio.runsFolder, 'tiny'), 3);
      for (const width of [375, 1200]) {
        const page = await browser().open(`/${view}`, {
          viewport: { width, height: 900 },
          // The page's policy forbids the script of the test.
          bypassCSP: true,
        });
        await complete(page);
        // Below 0.1 is "good" by the Core Web Vitals.
        expect(await layoutShift(page)).toBeLessThan(0.1);
        await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await violations(page), colorScheme).toEqual([]);
        }
        for (const wide of [width, width + 400, 2 * width]) {
          await page.setViewportSize({ width: wide, height: 900 });
          expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(wide);
        }
        await page.context().close();
      }
    },
  );

  test('is used with the keyboard alone', async () => {
    const page = await browser().open('/noise');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('content');
    await page.getByRole('slider', { name: 'Timestep t' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url(), patient).toContain('t=1');
  });

  test('changes its colours when asked to, and remembers', async () => {
    const page = await browser().open('/noise', { colorScheme: 'light' });
    const paper = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await paper();
    await page.getByRole('button', { name: 'Colours: auto' }).click();
    await page.getByRole('button', { name: 'Colours: light' }).click();
    await expect.poll(paper, patient).not.toBe(light);
    const dark = await paper();
    await page.reload();
    await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
    expect(await paper()).toBe(dark);
  });
});

/** What axe-core has against the page as it is. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe });
  return page.evaluate<string[]>(
    // A target of 24 pixels (WCAG 2.2) is not asked for by default.
    `axe.run({ rules: { 'target-size': { enabled: true } } }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  );
}
