import { expect, test } from 'vitest';
import { describeWithChromium, launchChromium } from '../../../ts-diffusion/test/runtime/chromium.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { studyReport } from '../../src/experiments/report/study-report.js';
import { renderHtml } from '../../src/report/html.js';
import { studyOf } from './study-results.js';

patientTests();

describeWithChromium('the report', () => {
  test('of a whole study fits a window of 1000 pixels, and each plot has names on both axes', async () => {
    const parts = ['table1', 'table2', 'table3', 'quirks', 'full-chain'] as const;
    const source = await studyOf('paper-width', parts, ({ protocol, fields }) =>
      protocol === 'paper' && fields['train.schedule'] === 'cosine'
        ? { distance: 67.123, inception: 1.02, grey: 0.95 }
        : { distance: 1.234, inception: 9.567, fid: 12.345 },
    );
    const html = renderHtml(
      await studyReport({
        ...source,
        scores: [...source.scores, 'density', 'labels', 'nearCopies', 'worstDistance', 'twoSample', 'fid'],
      }),
    );
    const browser = await launchChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
      await page.setContent(html);
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll('h1, p, table, figure, pre')]
          .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > 1000)
          .map(({ tagName, textContent }) => `${tagName} ${textContent.slice(0, 80)}`),
      );
      expect(wide).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1000);
      const axes = await page.evaluate(() =>
        [...document.querySelectorAll('figure > svg:has([aria-label="dot"])')].map(
          (svg) => svg.querySelectorAll('[aria-label$="-axis label"]').length,
        ),
      );
      // Two of Table 2 and two of Table 3.
      expect(axes).toEqual([2, 2, 2, 2]);
    } finally {
      await browser.close();
    }
  });
});
