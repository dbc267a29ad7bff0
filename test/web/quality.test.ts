import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { describeWithChromium } from '../runtime/chromium.js';
import { writeRun } from '../studio/studio-folder.js';
import { builtPage } from './hosts.js';
import { pages } from './pages.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const views = [
  'sample?model=quick&steps=2',
  'noise',
  'guidance?model=quick',
  'interpolate?model=quick&steps=2',
  'draw?model=quick',
  'train',
  'runs',
];

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
    { timeout: 90_000 },
    async (view) => {
      writeRun(join(browser().studio.runsFolder, 'tiny'), 3);
      for (const [width, colorScheme] of [
        [375, 'dark'],
        [1280, 'light'],
      ] as const) {
        const page = await browser().open(`/${view}`, {
          viewport: { width, height: 900 },
          colorScheme,
          // The page's policy forbids the script of the test.
          bypassCSP: true,
          expected: /samples/,
        });
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForTimeout(1500);
        await page.addScriptTag({ content: axe });
        const violations = await page.evaluate<string[]>(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
        );
        expect(violations).toEqual([]);
        expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        const shift = await page.evaluate<number>(`new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.value)))
          .observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(sum), 100);
      })`);
        // Below 0.1 is "good" by the Core Web Vitals.
        expect(shift).toBeLessThan(0.1);
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
    await expect.poll(() => page.url()).toContain('t=1');
  });

  test('changes its colours when asked to, and remembers', async () => {
    const page = await browser().open('/noise', { colorScheme: 'light' });
    const paper = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await paper();
    await page.getByRole('button', { name: 'Colours: auto' }).click();
    await page.getByRole('button', { name: 'Colours: light' }).click();
    await expect.poll(paper).not.toBe(light);
    const dark = await paper();
    await page.reload();
    await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
    expect(await paper()).toBe(dark);
  });
});
