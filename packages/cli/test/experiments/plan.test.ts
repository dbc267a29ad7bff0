import { describe, expect, test } from 'vitest';
import { budgets, parseBudget } from '../../src/experiments/budget.js';
import { keptName, trainingOfFields } from '../../src/experiments/kept/kept-name.js';
import { cellOfFields, tableSettings } from '../../src/experiments/planned-cells.js';
import { fullChain, quirkComparisons } from '../../src/experiments/report/comparisons.js';
import { joinedPlan, type PartPlan, studyPlans } from '../../src/experiments/study-plans.js';
import { baseSetting, protocolNames, studyParts } from '../../src/experiments/study.js';
import type { Cell } from '../../src/sweep/cells/cell.js';

const study = { budget: budgets.full, protocols: protocolNames, parts: studyParts };

/** All that the plans say of each cell, before it is known which cell that is. */
const planned = (plans: readonly PartPlan[]) =>
  plans.flatMap(({ part, protocol, plan }) =>
    plan.settings.map((varied) => ({
      ...{ part, protocol, varied },
      fields: { ...plan.fixed, ...varied },
      cell: {} as Cell,
    })),
  );

describe('the plans of a study', () => {
  test('have the trainings and cells of the tables, each once', () => {
    const cells = planned(studyPlans(study));
    const distinct = (section: RegExp): number =>
      new Set(
        cells.map(({ fields }) =>
          JSON.stringify(
            Object.entries({ 'train.rescaleBetas': false, 'sample.clipX0': false, 'evaluate.quirks': [], ...fields })
              .filter(([name]) => section.test(name))
              .sort(),
          ),
        ),
      ).size;
    // Four for each protocol, and the unscaled linear schedule with labels dropped image by image.
    expect(distinct(/^train\./)).toBe(9);
    // Tables: 5 + 3 + 2 of each protocol; deviations: 6 besides the base and two of Table 2; full chain: 2 of fewer images.
    expect(distinct(/./)).toBe(10 + 10 + 6 + 2);
  });

  test("with the full budget are the plans of the package, which are the paper's", () => {
    for (const { plan } of studyPlans(study)) {
      expect(plan.fixed).toMatchObject({ 'train.steps': 100_000, 'train.batchSize': 32, 'train.learningRate': 1e-4 });
      expect(plan.fixed['train.channels']).toEqual([64, 128, 256]);
    }
    expect(tableSettings(planned(studyPlans(study)), 'table2')).toEqual([
      baseSetting,
      { ...baseSetting, timesteps: 4000 },
      { ...baseSetting, schedule: 'cosine' },
      { ...baseSetting, schedule: 'cosine', timesteps: 4000 },
    ]);
  });

  test('take what a budget says', () => {
    const budget = parseBudget('tiny,repeats=4,full-chain=11,samples=20,sampler=unipc');
    const plans = studyPlans({ ...study, budget });
    const cells = planned(plans);
    expect(cells.filter(({ part, protocol }) => part === 'table1' && protocol === 'paper')).toHaveLength(4);
    for (const { part, fields } of cells) {
      expect(fields['evaluate.count']).toBe(part === 'full-chain' ? 11 : 20);
      expect(fields['train.steps']).toBe(100);
    }
    expect(cells.filter(({ fields }) => fields['sample.sampler'] === 'ddpm')).toHaveLength(1);
  });

  test('of the paper-width budget repeat the trainings of the corrected protocol, and draw the full chain of each model', () => {
    const cells = planned(studyPlans({ ...study, budget: parseBudget('paper-width') }));
    const counts = (part: string, protocol: string): Record<string, number> => {
      const models = cells
        .filter((each) => each.part === part && each.protocol === protocol)
        .map(({ fields }) => `${String(fields['train.schedule'])} ${String(fields['train.timesteps'])}`);
      return Object.fromEntries(models.map((name) => [name, models.filter((each) => each === name).length]));
    };
    const once = { 'linear 1000': 1, 'linear 4000': 1, 'cosine 1000': 1, 'cosine 4000': 1 };
    expect(counts('table2', 'corrected')).toEqual({
      ...{ 'linear 1000': 3, 'linear 4000': 2, 'cosine 1000': 2, 'cosine 4000': 2 },
    });
    expect(counts('table2', 'paper')).toEqual(once);
    // By both samplers.
    const twice = Object.fromEntries(Object.keys(once).map((name) => [name, 2]));
    expect(counts('full-chain', 'corrected')).toEqual(twice);
    expect(counts('full-chain', 'paper')).toEqual(twice);
    const trainings = cells
      .filter(({ part }) => part.startsWith('table') || part === 'full-chain')
      .map(({ fields }) => keptName(trainingOfFields(fields)));
    // Three and two of each other setting, and four of the published program.
    expect(new Set(trainings).size).toBe(3 + 3 * 2 + 4);
    for (const protocol of protocolNames) {
      const weights = cells
        .filter((each) => each.part === 'table3' && each.protocol === protocol)
        .map(({ fields }) => fields['sample.guidanceWeight']);
      expect([...new Set(weights)]).toEqual([0, 0.2, 0.5, 1, 2]);
      expect(weights).toHaveLength(protocol === 'corrected' ? 15 : 5);
    }
    for (const { fields } of cells) {
      expect(fields).toMatchObject({
        ...{ 'train.warmupSteps': 500, 'train.learningRateDecay': 'cosine', 'train.optimizer': 'adam' },
        ...{ 'sample.spacing': 'trailing', 'evaluate.judges': 1 },
      });
    }
    // Without guidance nothing is predicted without a class.
    const unguided = cells.filter(
      ({ protocol, fields }) => protocol === 'paper' && fields['sample.guidanceWeight'] === 0,
    );
    expect(unguided.map(({ fields }) => fields['evaluate.quirks'])).toEqual([
      ['clampedBeforeSaving', 'wrongEvaluatorRange'],
    ]);
  });

  test('have both sides of each comparison of the report', () => {
    const cells = planned(studyPlans(study));
    for (const { name, without, with: changed } of quirkComparisons) {
      expect(cellOfFields(cells, 'quirks', without), name).toBeDefined();
      expect(cellOfFields(cells, 'quirks', changed), name).toBeDefined();
    }
    expect(cellOfFields(cells, 'full-chain', fullChain)).toBeDefined();
    expect(cellOfFields(cells, 'full-chain', {})).toBeDefined();
  });

  test('are joined without changing a cell', () => {
    const plans = studyPlans(study);
    const { fixed, settings, varied } = joinedPlan('all', plans);
    expect(settings.map((setting) => ({ ...fixed, ...setting }))).toEqual(planned(plans).map(({ fields }) => fields));
    expect(Object.keys(fixed).filter((name) => varied.includes(name))).toEqual([]);
    expect(fixed).toMatchObject({ 'train.steps': 100_000 });
  });
});
