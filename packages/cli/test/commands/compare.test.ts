import { describe, expect, it } from 'vitest';
import { comparisonTable } from '../../src/output/comparison-table.js';
import { compareReceipts, type NamedReceipt } from '../../../ts-diffusion/src/evaluation/compare-receipts.js';
import type { Score } from '../../../ts-diffusion/src/evaluation/receipt.js';

function receipt(name: string, value: number, samples: number): NamedReceipt {
  const images = { sha256: '0'.repeat(64), count: samples, height: 28, width: 28 };
  const score: Score = {
    metric: 'FD',
    value,
    standardDeviation: 0.25,
    floor: 2,
    better: 'lower',
    conditions: { network: null, samples, reference: null, valueRange: '0..255', resize: 'none', settings: {} },
  };
  return {
    name,
    receipt: {
      format: 'ts-diffusion receipt 1',
      program: 'ts-diffusion 0.1.0',
      createdAt: '2026-11-23T12:00:00.000Z',
      seconds: 1,
      command: '',
      machine: '',
      images: { source: `images of ${name}`, ...images },
      generation: null,
      scores: [score],
      warnings: [],
    },
  };
}

describe('diffusion compare', () => {
  it('prints one line per metric and marks the best', () => {
    const receipts = [receipt('a.json', 3, 100), receipt('b.json', 2.5, 100)];
    expect(comparisonTable(receipts, compareReceipts(receipts))).toEqual([
      '(1) a.json: images of a.json',
      '(2) b.json: images of b.json',
      '',
      '| metric               | (1)                     | (2)                         |',
      '|----------------------|-------------------------|-----------------------------|',
      '| FD (lower is better) | 3 ± 0.25 (1.50 × floor) | 2.5 ± 0.25 (1.25 × floor) * |',
    ]);
  });

  it('marks a forced table as unlike, and no winner', () => {
    const receipts = [receipt('a.json', 3, 100), receipt('b.json', 2.5, 50)];
    const lines = comparisonTable(receipts, compareReceipts(receipts, { force: true }));
    expect(lines.slice(5)).toEqual([
      '| FD (lower is better) (different conditions) | 3 ± 0.25 (1.50 × floor) | 2.5 ± 0.25 (1.25 × floor) |',
      'Different conditions of FD: number of images is 100 in a.json, 50 in b.json',
    ]);
  });
});
