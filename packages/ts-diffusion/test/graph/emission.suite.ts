import { describe, expect, it } from 'vitest';
import type { PrimitiveName } from '../../src/graph/tensor.js';
import type { EmissionResult } from './emission.contract.js';
import { primitiveCases } from './primitive-cases.js';

/** Every primitive, as a runtime computes it, against the reference interpreter. */
export function describeEmission(name: string, run: (primitive: PrimitiveName) => Promise<EmissionResult[]>): void {
  describe(name, () => {
    it.each(Object.keys(primitiveCases) as PrimitiveName[])('%s', async (primitive) => {
      const results = await run(primitive);
      expect(results).toHaveLength(primitiveCases[primitive].length);
      for (const { actual, expected } of results) {
        expect(actual.shape).toEqual(expected.shape);
        expect(actual.values).toBeCloseToTensor(expected.values, { rtol: 2e-5, atol: 5e-6 });
      }
    });
  });
}
