import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import type { WebRuntimeOptions } from '../../src/runtime/web.js';
import { describeWithChromium, launchChromium } from './chromium.js';
import { itHolds } from './contract-suite.js';
import type { ContractResult } from './contract.js';
import { servePage, type PageServer } from './page-server.js';

describeWithChromium('contract of Runtime in a browser', () => {
  let server: PageServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([servePage(), launchChromium()]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const inFreshPage = async (options: WebRuntimeOptions): Promise<ContractResult[]> => {
    const page = await browser.newPage();
    await page.goto(server.url);
    // As text: the test runner would rewrite the import of a function.
    const results = await page.evaluate<ContractResult[]>(
      `import('/test/runtime/page.js').then((page) => page.contractInPage(${JSON.stringify(options)}))`,
    );
    await page.close();
    return results;
  };

  describe.each<WebRuntimeOptions>([
    { device: 'wasm', threads: 1 },
    { device: 'wasm', threads: 2 },
    { device: 'webgpu' },
  ])('with %o', (options) => {
    itHolds(() => inFreshPage(options));
  });
});
