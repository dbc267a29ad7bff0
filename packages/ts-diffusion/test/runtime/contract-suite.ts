import { beforeAll, describe, expect, it } from 'vitest';
import type { DeviceName, Runtime } from '../../src/runtime/types.js';
import { contract, type ContractResult } from './contract.js';

/** The contract as tests of this process. */
export function describeContract(device: DeviceName, create: () => Promise<Runtime>): void {
  describe(`contract of Runtime on ${device}`, () => {
    let runtime: Runtime;
    beforeAll(async () => {
      runtime = await create();
    });

    it('says what it is', () => {
      expect(runtime.device).toBe(device);
      expect(runtime.threads).toBeGreaterThanOrEqual(1);
      expect(runtime.version).toMatch(/^onnxruntime-(node|web) \d+\.\d+\.\d+$/);
    });
    for (const { name, run } of contract) it(name, () => run(runtime));
  });
}

/** Starting a browser or compiling shaders in software takes seconds, more where other tests run beside it. */
const RESULTS_TIMEOUT_MS = 120_000;

/** The contract as tests of results that come from elsewhere; a case that never reported has failed. */
export function itHolds(results: () => Promise<readonly ContractResult[]>): void {
  let found: readonly ContractResult[];
  beforeAll(async () => {
    found = await results();
  }, RESULTS_TIMEOUT_MS);

  for (const { name } of contract) {
    it(name, () => {
      expect(found.find((result) => result.name === name)).toEqual({ name });
    });
  }
}
