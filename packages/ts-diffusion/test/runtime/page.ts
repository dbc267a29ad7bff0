import { trainTinySteps } from '../../src/diagnostics/self-test.js';
import { createWebRuntime, type WebRuntimeOptions } from '../../src/browser/runtime/web.js';
import { runManySizes, type ManySizes } from './many-batch-sizes.js';
import { runContract, type ContractResult } from './contract.js';

/** The weights of a tiny paper's U-Net after three steps of training inside the page. */
export async function trainInPage(options: WebRuntimeOptions): Promise<number[]> {
  return Array.from(await trainTinySteps(await createWebRuntime(options), ['paper-unet']));
}

/** The contract as browser.test.ts calls it inside the page. */
export async function contractInPage(options: WebRuntimeOptions): Promise<ContractResult[]> {
  return await runContract(await createWebRuntime(options));
}

/** What becomes of the programs of many batch sizes inside the page. */
export async function manySizesInPage(options: WebRuntimeOptions): Promise<ManySizes> {
  return await runManySizes(await createWebRuntime(options));
}
