import { describe, expect, test } from 'vitest';
import { budgets, describeBudget, parseBudget } from '../../src/experiments/budget.js';

describe('budgets', () => {
  test("the full one is the paper's", () => {
    const { steps, samples, batch, channels, learningRate, repeats } = parseBudget('full');
    expect({ steps, samples, batch, channels, learningRate, repeats }).toEqual({
      ...{ steps: 100_000, samples: 10_000, batch: 32, channels: [64, 128, 256], learningRate: 1e-4, repeats: 5 },
    });
  });

  test('settings change the full one, or the one named first', () => {
    expect(parseBudget('steps=600,samples=300')).toEqual({ ...budgets.full, steps: 600, samples: 300 });
    expect(parseBudget('tiny, sampling-steps=3,channels=4-8,sampler=dpm-solver++')).toEqual({
      ...{ ...budgets.tiny, samplingSteps: 3, channels: [4, 8], sampler: 'dpm-solver++' },
    });
  });

  test('are read as they are written', () => {
    for (const budget of Object.values(budgets)) expect(parseBudget(describeBudget(budget))).toEqual(budget);
  });

  test.each([
    ['huge', /Unknown budget "huge". Budgets: full, paper-width, cpu, tiny/],
    ['step=5', /unknown field "step"/],
    ['samples=5', /"samples"/],
    ['steps=', /"steps"/],
    ['channels=a-b', /"channels" is "a-b"; expected numbers with one hyphen between two of them/],
    ['guidance=0--1', /"guidance" is "0--1"; expected numbers/],
    ['channels=8-16-', /"channels" is "8-16-"; expected numbers/],
    ['base-seeds= ', /"base-seeds" is ""; expected a number/],
    ['tiny,steps=5=7', /"steps=5=7" is no setting\. Settings are written NAME=VALUE/],
    ['steps=5,,samples=20', /"" is no setting/],
    ['tiny,steps', /"steps" is no setting/],
  ])('%s is refused', (text, message) => {
    expect(() => parseBudget(text)).toThrow(message);
  });
});
