import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/graph/index.js';
import type { EmissionResult } from './emission.contract.js';
import { primitiveCases } from './primitive-cases.js';

/** Every primitive, as a runtime computes it, against the reference interpreter. */
export function describeEmission(name: string, run: (primitive: Operation) => Promise<EmissionResult[]>): void {
  describe(name, () => {
    it.each(Object.keys(primitiveCases) as Operation[])('%s', async (primitive) => {
      const results = await run(primitive);
      expect(results).toHaveLength(primitiveCases[primitive].length);
      for (const { actual, expected } of results) {
        expect(actual.shape).toEqual(expected.shape);
        expect(actual.values).toBeCloseToTensor(expected.values, { rtol: 2e-5, atol: 5e-6 });
      }
    });
  });
}
