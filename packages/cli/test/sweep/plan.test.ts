import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../ts-diffusion/src/utils/errors.js';
import { parsePlanSource } from '../../src/sweep/plan/plan-source.js';
import { evaluateSchema } from '../../src/sweep/plan/fields.js';
import { checkPlan, type Plan } from '../../src/sweep/plan/read-plan.js';
import { scoreArguments } from '../../src/sweep/plan/scores.js';

const plan = (text: string): Plan => checkPlan(parsePlanSource(text, '/plans/plan.yaml'));
const axes = (text: string): Plan => plan(`base: { preset: quick }\naxes:\n${text}`);

/** The values of a field in the settings of a plan, in their order. */
const valuesOf = ({ settings }: Plan, field: string): unknown[] => settings.map((setting) => setting[field]);

describe('settings', () => {
  test('are all combinations, the last axis fastest', () => {
    const { settings, varied } = axes('  train.schedule: [linear, cosine]\n  sample.guidanceWeight: [0, 1]');
    expect(settings).toEqual([
      { 'train.schedule': 'linear', 'sample.guidanceWeight': 0 },
      { 'train.schedule': 'linear', 'sample.guidanceWeight': 1 },
      { 'train.schedule': 'cosine', 'sample.guidanceWeight': 0 },
      { 'train.schedule': 'cosine', 'sample.guidanceWeight': 1 },
    ]);
    expect(varied).toEqual(['train.schedule', 'sample.guidanceWeight']);
  });

  test('of several grids count once where they overlap', () => {
    const { settings, varied } = plan(
      'base: { preset: paper }\ngrids:\n  - { train.schedule: [linear, cosine], sample.seed: 0 }\n  - { sample.seed: [0, 1], train.schedule: linear }',
    );
    expect(settings).toHaveLength(3);
    expect(varied).toEqual(['train.schedule', 'sample.seed']);
  });

  test('a field that all settings have alike is not varied', () => {
    expect(axes('  train.schedule: [linear, cosine]\n  sample.guidanceWeight: 0').varied).toEqual(['train.schedule']);
  });

  test('no axis gives the base alone', () => {
    expect(plan('base: { preset: quick }\naxes: {}').settings).toEqual([{}]);
  });

  test('JSON is read as YAML', () => {
    const json = JSON.stringify({ base: { preset: 'quick' }, axes: { 'train.schedule': ['linear'] } });
    expect(plan(json).settings).toEqual([{ 'train.schedule': 'linear' }]);
  });

  test('paths are as seen from the folder of the plan', () => {
    const { base, fixed, settings } = plan(
      'base: { config: ../a.json }\ntrain: { data: embedded, initialWeights: modern }\naxes: { train.initialWeights: [modern, runs/b], evaluate.data: [digits] }',
    );
    expect(base).toEqual({ config: '/a.json' });
    expect(fixed).toEqual({ 'train.data': 'embedded', 'train.initialWeights': 'modern' });
    expect(settings.map((setting) => setting['train.initialWeights'])).toEqual(['modern', '/plans/runs/b']);
    expect(settings[0]?.['evaluate.data']).toBe('/plans/digits');
  });
});

describe('ranges', () => {
  test.each([
    ['sample.guidanceWeight', '{ from: 0, to: 0.3, count: 4 }', [0, 0.1, 0.2, 0.3]],
    ['train.learningRate', '{ from: 1.0e-4, to: 1.0e-2, count: 3, scale: log }', [1e-4, 1e-3, 1e-2]],
    ['train.batchSize', '{ from: 8, to: 64, count: 4, scale: log }', [8, 16, 32, 64]],
    ['train.batchSize', '{ from: 1, to: 2, count: 4 }', [1, 2]],
    ['train.seed', '{ seeds: 3 }', [0, 1, 2]],
    ['sample.seed', '{ seeds: 2, first: 7 }', [7, 8]],
  ])('%s: %s', (field, range, values) => {
    expect(valuesOf(axes(`  ${field}: ${range}`), field)).toEqual(values);
  });
});

describe('a random search', () => {
  const search = (settings: number, seed = 0): Plan =>
    plan(
      `base: { preset: quick }\nrandom: { settings: ${settings}, seed: ${seed} }\naxes:\n` +
        '  train.learningRate: { from: 1.0e-4, to: 1.0e-2, scale: log }\n  train.batchSize: { from: 8, to: 64 }\n' +
        '  train.schedule: [linear, cosine]\n  train.seed: { seeds: 2 }',
    );

  test('tries each setting with all seeds', () => {
    const { settings } = search(5);
    expect(settings).toHaveLength(10);
    expect(settings.map((setting) => setting['train.seed'])).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    expect({ ...settings[0], 'train.seed': 1 }).toEqual(settings[1]);
  });

  test('with a larger budget begins with the same settings, and with another seed has others', () => {
    expect(search(20).settings.slice(0, 10)).toEqual(search(5).settings);
    expect(search(5, 1).settings).not.toEqual(search(5).settings);
  });

  test('draws without replacement: as many different settings as asked, and never more than there are', () => {
    const lists = (settings: number): Plan =>
      plan(
        `base: { preset: quick }\nrandom: { settings: ${settings} }\naxes: { train.schedule: [linear, cosine], train.steps: [1, 2, 3], train.seed: { seeds: 2 } }`,
      );
    for (const settings of [1, 5, 6]) expect(lists(settings).settings).toHaveLength(2 * settings);
    expect(lists(6).settings.slice(0, 6)).toEqual(lists(3).settings);
    expect(() => lists(7)).toThrow(/"random" asks for 7 settings, but the axes have 6 combinations/);
  });

  test('draws evenly on the scale of each axis', () => {
    const found = search(2000);
    const rates = valuesOf(found, 'train.learningRate') as number[];
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    // Half of them below the geometric mean of the ends: 1000 ± 22 of 2000 draws.
    expect(rates.filter((rate) => rate < 1e-3).length / rates.length).toBeCloseTo(0.5, 1);
    const sizes = valuesOf(found, 'train.batchSize') as number[];
    expect(sizes.every(Number.isInteger)).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeCloseTo(36, -0.5);
    const linear = valuesOf(found, 'train.schedule').filter((schedule) => schedule === 'linear');
    expect(linear.length / found.settings.length).toBeCloseTo(0.5, 1);
  });
});

describe('a plan that cannot be run gets one sentence with its line', () => {
  const start = 'base: { preset: quick }\n';
  test.each<[string, string, RegExp]>([
    [
      'an unknown field',
      'axes:\n  train.shedule: [linear]',
      /line 3: train: unknown field "shedule"\. Did you mean "schedule"\?/,
    ],
    [
      'an unknown fixed field',
      'train:\n  steps: 5\n  batchsize: 3\naxes: {}',
      /line 4: .*"batchsize"\. Did you mean "batchSize"\?/,
    ],
    ['an option by its flag', 'axes:\n  sample.omega: [1]', /line 3: .*"omega"\. Did you mean "guidanceWeight"\?/],
    ['an unknown part', 'axs: {}', /line 2: unknown field "axs"\. Did you mean "axes"\?/],
    [
      'an unknown section',
      'axes:\n  trian.steps: [1]',
      /line 3: the axis "trian\.steps" is no field; write train\.FIELD/,
    ],
    [
      'an empty axis',
      'axes:\n  train.steps: [10]\n  train.schedule: []',
      /line 4: the axis train\.schedule is empty; give at least one value/,
    ],
    ['a wrong type', 'axes:\n  train.steps: [10, many]', /line 3: train: "steps": .*expected number/],
    ['a wrong fixed type', 'train:\n  steps: many\naxes: {}', /line 3: train: "steps": .*expected number/],
    ['a value out of range', 'axes:\n  evaluate.count: [3]', /line 3: evaluate: "count": .*>=10/],
    ['a value twice', 'axes:\n  train.steps: [10, 10]', /line 3: the axis train\.steps has 10 twice/],
    [
      'a list where values are lists',
      'axes:\n  train.channels: [8, 16]',
      /line 3: train: "channels": .*expected array/,
    ],
    [
      'a range without a count',
      'axes:\n  train.learningRate: { from: 1, to: 2 }',
      /the range of train\.learningRate has no "count"/,
    ],
    [
      'a range with a slip',
      'axes:\n  train.learningRate: { from: 1, too: 2 }',
      /line 3: .*unknown field "too"\. Did you mean "to"\?/,
    ],
    [
      'a logarithm of zero',
      'axes:\n  sample.guidanceWeight: { from: 0, to: 2, count: 3, scale: log }',
      /line 3: .*needs numbers above 0/,
    ],
    ['no seeds', 'axes:\n  train.seed: { seeds: 0 }', /line 3: train\.seed: "seeds"/],
    [
      'a clock',
      'train:\n  maxMinutes: 3\naxes: {}',
      /line 3: train\.maxMinutes cannot be part of a plan: .*give train\.steps/,
    ],
    ['threads', 'axes:\n  train.threads: [1, 2]', /line 3: train\.threads cannot be part of a plan/],
    ['an unknown score', 'axes: {}\nscores: [frechett]', /line 3: "scores\.0": .*"frechet"/],
    [
      'images in different numbers',
      'axes:\n  evaluate.count: [100, 1000]',
      /evaluate\.count has several values, .*do not compare/,
    ],
    [
      'other real images in a grid',
      'grids:\n  - { evaluate.data: a }\n  - { evaluate.data: b }',
      /evaluate\.data has several values, .*do not compare/,
    ],
    ['a score of nothing', 'axes: {}\nscores: [nearCopies]\nevaluate: { nearCopies: 0 }', /nearCopies cannot be taken/],
    ['axes and grids', 'axes: {}\ngrids: [{}]', /either "axes" or "grids"; remove one/],
    ['neither', 'title: x', /either "axes" or "grids"; add one/],
    ['too many', 'axes:\n  train.seed: { seeds: 1000 }\n  sample.seed: { seeds: 1000 }', /1,000,000 combinations/],
    ['no YAML', 'axes: [', /line \d: not valid YAML/],
    ['a key twice', 'axes: {}\naxes: {}', /line 3: not valid YAML \(Map keys must be unique/],
  ])('%s', (_, text, message) => {
    expect(() => plan(start + text)).toThrow(ConfigError);
    expect(() => plan(start + text)).toThrow(message);
    expect(() => plan(start + text)).toThrow(/^\/plans\/plan\.yaml/);
  });

  test.each([
    ['', /a plan is a mapping/],
    ['axes: {}', /no "base"/],
    ['base: { presett: quick }\naxes: {}', /line 1: base: unknown field "presett"\. Did you mean "preset"\?/],
    ['base: { preset: quick, model: modern }\naxes: {}', /line 1: "base" has 2 entries/],
    ['base: {}\naxes: {}', /line 1: "base" has 0 entries/],
    ['base: { model: modern }\naxes:\n  train.steps: [1]', /line 3: the base is a trained model/],
  ])('the base: %j', (text, message) => {
    expect(() => plan(text)).toThrow(message);
  });

  test('a file that is not there', () => {
    expect(() => checkPlan(parsePlanSource('a: &a [*a]', 'p'))).toThrow(ConfigError);
  });
});

test('near-copies and judges may be left out', () => {
  const { fixed } = plan('base: { preset: quick }\nevaluate: { nearCopies: 0, judges: 0 }\naxes: {}');
  expect(fixed).toEqual({ 'evaluate.nearCopies': 0, 'evaluate.judges': 0 });
});

test('scores in another order are the same scores, so that nothing is computed again', () => {
  const fields = evaluateSchema.parse({});
  expect(scoreArguments(['bitsPerDim', 'frechet', 'nearCopies'], fields)).toEqual(
    scoreArguments(['nearCopies', 'bitsPerDim', 'frechet'], fields),
  );
});
