import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { patient, patientTests } from '../../ts-diffusion/test/patience.js';
import { launchChromium } from '../../ts-diffusion/test/runtime/chromium.js';
import { plainHost, studioHost, type Host, type StudioHost } from './hosts.js';

export interface Pages {
  readonly studio: StudioHost;
  readonly plain: Host;
  /** Opens an address after the `#`. What the page's console says against it fails the test, but for `expected`. */
  open(hash: string, options?: OpenOptions): Promise<Page>;
}

interface OpenOptions extends BrowserContextOptions {
  readonly host?: Host;
  readonly expected?: RegExp;
  /** What the page gets in place of the shipped model; null: an answer that there is none. */
  readonly model?: Uint8Array | null;
  /** What the worker that computes runs before the page's own code: a browser that has something missing, or broken. */
  readonly worker?: string;
}

/** The browser's advice on `pixelsIn`, which reads canvases that the page only writes. */
const readback = /Multiple readback operations/;

/** A browser and the hosts for the tests of a suite; call in its body. */
export function pages(launchOptions: Parameters<typeof launchChromium>[0] = {}): () => Pages {
  let browser: Browser;
  let current: Pages;
  let complaints: string[] = [];
  patientTests();
  beforeAll(async () => {
    const [launched, studio, plain] = await Promise.all([launchChromium(launchOptions), studioHost(), plainHost()]);
    browser = launched;
    const open = async (hash: string, options: OpenOptions = {}): Promise<Page> => {
      const { host = studio, expected, model, worker, ...contextOptions } = options;
      const page = await (await browser.newContext({ reducedMotion: 'reduce', ...contextOptions })).newPage();
      if (model !== undefined) {
        const answer = model === null ? { status: 404 } : { body: Buffer.from(model) };
        await page.context().route('**/models/quick.safetensors', (route) => route.fulfill(answer));
      }
      if (worker !== undefined) {
        await page.context().route('**/assets/worker-thread-*.js', async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: `${worker}\n${await response.text()}` });
        });
      }
      const complain = (text: string): void => {
        if (expected?.test(text) !== true && !readback.test(text)) complaints.push(text);
      };
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
      });
      page.on('pageerror', (error) => {
        complain(error.message);
      });
      page.setDefaultTimeout(patient.timeout);
      await page.goto(`${host.url}/#${hash}`);
      return page;
    };
    current = { studio, plain, open };
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
    complaints = [];
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([current.studio.close(), current.plain.close()]);
  });
  return () => current;
}

/** The pixels of the images in a region of the page, one array [H, W] each. */
export async function pixelsIn(page: Page, region: string): Promise<Uint8Array[]> {
  const images = await page.evaluate<number[][]>(
    // As text: the test runner would rewrite a function.
    `[...document.querySelectorAll(${JSON.stringify(`[aria-label="${region}"] .tile canvas`)})].map((canvas) =>
      [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].filter((_, i) => i % 4 === 0))`,
  );
  return images.map((image) => Uint8Array.from(image));
}

/** How much has moved since the page was opened, but for what moved because of a click or a key (the Core Web Vitals' CLS). */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (sum += entry.hadRecentInput ? 0 : entry.value)))
      .observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 100);
  })`);
}
