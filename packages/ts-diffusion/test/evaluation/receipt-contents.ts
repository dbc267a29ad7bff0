import type { ReceiptContents, Score } from '../../src/evaluation/receipt.js';

export const hash = (digit: string): string => digit.repeat(64);
/** What the scores are against. */
export const testDigits = { sha256: hash('b'), count: 10_000, height: 28, width: 28 };

/** A Frechet distance as if computed under the conditions. */
export function frechet(value: number, conditions: Partial<Score['conditions']> = {}): Score {
  return {
    metric: 'Frechet distance',
    value,
    standardDeviation: 0.1,
    floor: 2,
    better: 'lower',
    conditions: {
      network: { name: 'feature-network', sha256: hash('a'), features: 128 },
      samples: 10_000,
      reference: testDigits,
      valueRange: '[-1, 1]',
      resize: 'none',
      settings: {},
      ...conditions,
    },
  };
}

/** A receipt with these scores. */
export function contents(...scores: Score[]): ReceiptContents {
  return {
    program: 'ts-diffusion 0.1.0',
    createdAt: '2026-11-23T12:00:00.000Z',
    seconds: 12.5,
    command: 'diffusion evaluate --run runs/a',
    machine: 'a machine',
    images: { source: 'runs/a', sha256: hash('c'), count: 10_000, height: 28, width: 28 },
    generation: null,
    scores,
    warnings: [],
  };
}
