import { createWebRuntime, type WebRuntimeOptions } from '../../src/runtime/web.js';
import { runContract, type ContractResult } from './contract.js';

/** The contract as browser.test.ts calls it inside the page. */
export async function contractInPage(options: WebRuntimeOptions): Promise<ContractResult[]> {
  return await runContract(await createWebRuntime(options));
}
