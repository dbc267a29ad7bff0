import { describe, expect, test } from 'vitest';
import { budgets } from '../../src/experiments/budget.js';
import { baseSetting, cellOf, quirkComparisons, studyCells, studyParts } from '../../src/experiments/plan.js';
import { protocols, protocolNames } from '../../src/experiments/protocol.js';

const study = { budget: budgets.full, protocols: protocolNames, parts: studyParts };

describe('the plan of a study', () => {
  test('has each cell once, and each model and each set of images where they are shared', () => {
    const cells = studyCells(study);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
    // Four for each protocol, and the unscaled linear schedule with labels dropped image by image.
    expect(new Set(cells.map(({ samples }) => samples.training.id)).size).toBe(9);
    // Clamping and the evaluator's range are two more scores of the same images.
    const base = cellOf(budgets.full, baseSetting, protocols.corrected);
    expect(cells.filter(({ samples }) => samples.id === base.samples.id)).toHaveLength(4);
  });

  test('a quirk differs from its comparison in that quirk alone', () => {
    for (const { quirk, without, with: changed } of quirkComparisons(budgets.full)) {
      expect(changed.id, quirk).not.toBe(without.id);
      const { omega, seed, count, fullChain } = without.samples;
      expect(changed.samples).toMatchObject({ omega, seed, count, fullChain });
    }
  });

  test('of one protocol and one table has nothing else', () => {
    const cells = studyCells({ ...study, protocols: ['corrected'], parts: ['table3'] });
    expect(cells.map(({ id }) => id)).toEqual([
      'linear-1000-omega0.2-seed0-clipped',
      'linear-1000-omega0-seed0-clipped',
      'linear-1000-omega0.5-seed0-clipped',
    ]);
  });
});
