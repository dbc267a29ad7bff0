import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maximumDifference, trainTinySteps } from '../../src/diagnostics/self-test.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import type { WebRuntimeOptions } from '../../src/browser/runtime/web.js';
import { PROGRAMS_KEPT } from '../../src/runtime/batch-programs.js';
import { patient } from '../patience.js';
import { describeWithChromium, launchChromium } from './chromium.js';
import { itHolds } from './contract-suite.js';
import type { ContractResult } from './contract.js';
import type { ManySizes } from './many-batch-sizes.js';
import type * as inPage from './page.js';
import { servePage, type PageServer } from './page-server.js';

describeWithChromium('a Runtime in a browser', () => {
  let server: PageServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([servePage(), launchChromium()]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const inFreshPage = async <Result>(call: keyof typeof inPage, options: WebRuntimeOptions): Promise<Result> => {
    const page = await browser.newPage();
    await page.goto(server.url);
    // As text: the test runner would rewrite the import of a function.
    const result = await page.evaluate<Result>(
      `import('/test/runtime/page.js').then((page) => page.${call}(${JSON.stringify(options)}))`,
    );
    await page.close();
    return result;
  };

  describe.each<WebRuntimeOptions>([
    { device: 'wasm', threads: 1 },
    { device: 'wasm', threads: 2 },
    { device: 'webgpu' },
  ])('the contract, with %o', (options) => {
    itHolds(() => inFreshPage<ContractResult[]>('contractInPage', options));
  });

  it('keeps the programs of a few batch sizes, not of all that were run', patient, async () => {
    const { most, left, predictions } = await inFreshPage<ManySizes>('manySizesInPage', { device: 'wasm', threads: 1 });
    expect({ most, left }).toEqual({ most: PROGRAMS_KEPT, left: 0 });
    expect(predictions[1]).toEqual(predictions[0]);
  });

  it('trains on webgpu as on the cpu', patient, async () => {
    const trained = await inFreshPage<number[]>('trainInPage', { device: 'webgpu' });
    const cpu = await trainTinySteps(await createNodeRuntime({ threads: 1 }), ['paper-unet']);
    expect(maximumDifference(Float32Array.from(trained), cpu)).toBeLessThan(1e-5);
  });
});
