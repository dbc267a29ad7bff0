import { describe, expect, it } from 'vitest';
import { deterministicParameters, deterministicTensor, hashName, hashSequence } from './deterministic-weights.js';
import { readUNetGolden } from './unet.js';

describe('deterministic tensors', () => {
  it.each(readUNetGolden().checksums)('equal the numpy twin bit for bit: "$name"', (golden) => {
    const sequence = hashSequence(golden.name, golden.count);
    const values = deterministicTensor(golden.name, golden.count, golden.bound);
    expect(hashName(golden.name)).toBe(golden.nameHash);
    expect([...sequence.subarray(0, 4)]).toEqual(golden.first);
    expect(sequence.reduce((sum, value) => sum + value, 0)).toBe(golden.sum);
    expect(new Uint32Array(values.buffer).reduce((all, bits) => (all ^ bits) >>> 0, 0)).toBe(golden.xorOfFloat32Bits);
  });

  it("bound a bias by its weight's fan-in", () => {
    const [weight, bias] = [
      { name: 'a.weight', shape: [2, 16, 2, 2] },
      { name: 'a.bias', shape: [1000] },
    ];
    const parameters = deterministicParameters([weight, bias]);
    const largest = Math.max(...(parameters.get('a.bias')?.data.map(Math.abs) ?? []));
    expect(largest).toBeGreaterThan(0.99 / 8);
    expect(largest).toBeLessThanOrEqual(1 / 8);
  });
});
