import { describe, expect, test } from 'vitest';
import { balancedBatchIndices } from '../../src/data/batches.js';
import { validationRows } from '../../src/data/validation-rows.js';

/** So many labels of each class, mixed. */
function labelsOf(...sizes: number[]): Uint8Array {
  const labels = sizes.flatMap((size, label) => Array<number>(size).fill(label));
  return Uint8Array.from(labels.map((_, i) => labels[(i * 7919) % labels.length] as number));
}

const countsOf = (labels: Uint8Array, rows: Uint32Array, classes: number): number[] => {
  const counts = Array<number>(classes).fill(0);
  for (const row of rows) {
    const label = labels[row] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  return counts;
};

describe('images that are held out', () => {
  const labels = labelsOf(500, 300, 197, 4);

  test('are the wanted number, each class giving its share by largest remainders', () => {
    // 100 · n / 1001: 49.95, 29.97, 19.68, 0.40.
    expect(countsOf(labels, validationRows(labels, 100, 0), 4)).toEqual([50, 30, 20, 0]);
    // 0.25 · 1001 = 250.25, so 250: 124.88, 74.93, 49.20, 1.00 (0.999).
    expect(countsOf(labels, validationRows(labels, 0.25, 0), 4)).toEqual([125, 75, 49, 1]);
  });

  test('are each there once, in order, the same for the same seed and others for another', () => {
    const rows = validationRows(labels, 100, 3);
    expect(new Set(rows).size).toBe(100);
    expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
    expect(validationRows(labels, 100, 3)).toEqual(rows);
    expect(validationRows(labels, 100, 4)).not.toEqual(rows);
  });

  test('leave each class an image to train on, however many are wanted', () => {
    const small = labelsOf(5, 1, 2);
    expect(countsOf(small, validationRows(small, 5, 0), 3)).toEqual([4, 0, 1]);
  });

  test('are refused where there are none, or too few are left', () => {
    const small = labelsOf(5, 1, 2);
    expect(() => validationRows(small, 6, 0)).toThrow(/6 of 8 images of 3 classes; 1 to 5 can be held out/);
    expect(() => validationRows(small, 0.01, 0)).toThrow(/0 of 8 images/);
  });
});

describe('batches of balanced classes', () => {
  const labels = labelsOf(50, 7, 3);

  test('hold all classes equally often over any whole number of rounds', () => {
    const batches = Array.from({ length: 6 }, (_, step) => balancedBatchIndices(1, step, 4, labels));
    const rows = Uint32Array.from(batches.flatMap((batch) => [...batch]));
    for (const rounds of [1, 3, 8])
      expect(countsOf(labels, rows.subarray(0, 3 * rounds), 3)).toEqual([rounds, rounds, rounds]);
  });

  test('take every image of a class before any again', () => {
    const rows = [...balancedBatchIndices(1, 0, 150, labels)];
    const ofClass = (label: number): number[] => rows.filter((row) => labels[row] === label);
    expect(new Set(ofClass(0)).size).toBe(50);
    for (let first = 0; first + 7 <= 50; first += 7) expect(new Set(ofClass(1).slice(first, first + 7)).size).toBe(7);
    expect(ofClass(1).slice(0, 7)).not.toEqual(ofClass(1).slice(7, 14));
  });

  test('are a function of seed and step, whatever was asked for before', () => {
    const later = balancedBatchIndices(1, 20, 8, labels);
    balancedBatchIndices(2, 3, 8, labels);
    expect(balancedBatchIndices(1, 20, 8, labelsOf(50, 7, 3))).toEqual(later);
    expect(balancedBatchIndices(2, 20, 8, labels)).not.toEqual(later);
  });
});
