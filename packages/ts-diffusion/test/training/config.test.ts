import { describe, expect, test } from 'vitest';
import { continuedTrainConfig, parseTrainConfigFile, resolveTrainConfig } from '../../src/training/resolve-config.js';
import { type TrainPreset, trainPresets } from '../../src/training/presets.js';
import { ConfigError } from '../../src/utils/errors.js';

describe('the paper preset', () => {
  test("is the paper's configuration (sections 3.2 to 3.4, Tables 1 to 3)", () => {
    expect(resolveTrainConfig('paper')).toMatchObject({
      channels: [64, 128, 256],
      timesteps: 1000,
      schedule: 'linear',
      loss: 'l1',
      labelDropout: 0.5,
      steps: 100_000,
      batchSize: 32,
      learningRate: 1e-4,
      learningRateDecay: 'none',
      warmupSteps: 0,
      adamBeta1: 0.9,
      adamBeta2: 0.999,
      adamEpsilon: 1e-8,
      samplingSteps: 0,
      guidanceWeight: 0.2,
    });
  });
});

test('every preset is valid', () => {
  for (const preset of Object.keys(trainPresets) as TrainPreset[])
    expect(() => resolveTrainConfig(preset)).not.toThrow();
});

test('a later layer wins: defaults < preset < file < flags', () => {
  const config = resolveTrainConfig('quick', { steps: 7, batchSize: 8 }, { steps: 9 });
  expect(config.steps).toBe(9);
  expect(config.batchSize).toBe(8);
  expect(config.timesteps).toBe(trainPresets.quick.timesteps);
  expect(config.adamBeta2).toBe(0.999);
});

test("a preset's time limit goes with its own number of steps", () => {
  const limitOf = (...layers: object[]): number => resolveTrainConfig('quick', ...layers).maxMinutes;
  expect(limitOf()).toBe(trainPresets.quick.maxMinutes);
  expect(limitOf({ batchSize: 8 })).toBe(trainPresets.quick.maxMinutes);
  expect(limitOf({ steps: 5000 })).toBe(0);
  expect(limitOf({ maxMinutes: 2 }, { steps: 5000 })).toBe(2);
});

test('undefined counts as not given', () => {
  const { steps, maxMinutes } = trainPresets.quick;
  expect(resolveTrainConfig('quick', { steps: undefined })).toMatchObject({ steps, maxMinutes });
  expect(resolveTrainConfig('quick', { seed: 3 }, { seed: undefined }).seed).toBe(3);
});

test('a run goes on as it was saved, and a limit for its former steps ends with them', () => {
  const saved = resolveTrainConfig('quick');
  expect(continuedTrainConfig(saved, {})).toEqual(saved);
  expect(continuedTrainConfig(saved, { steps: 5400 })).toEqual({ ...saved, steps: 5400, maxMinutes: 0 });
  expect(continuedTrainConfig(saved, { steps: 5400, maxMinutes: 9 }).maxMinutes).toBe(9);
});

describe('errors', () => {
  test('an unknown preset names the presets', () => {
    expect(() => resolveTrainConfig('large' as TrainPreset)).toThrow(
      'Unknown preset "large". Presets: paper, quick, modern, images.',
    );
    expect(() => resolveTrainConfig('toString' as TrainPreset)).toThrow('Unknown preset');
    expect(() => resolveTrainConfig('images')).toThrow('give them: trainConfigFor(images, "images", ...)');
  });

  test('an unknown field names the fields', () => {
    expect(() => resolveTrainConfig('paper', { batchsize: 3 } as object)).toThrow(
      /unknown field "batchsize"\. Did you mean "batchSize"\? Fields: model, /,
    );
  });

  test('an invalid value names its field', () => {
    expect(() => resolveTrainConfig('paper', { labelDropout: 1.5 })).toThrow(/"labelDropout": .*<=1/);
    expect(() => resolveTrainConfig('paper', { schedule: 'quadratic' } as object)).toThrow(
      /"schedule": .*"linear".*"cosine"/,
    );
    expect(() => resolveTrainConfig('paper', { learningRate: Infinity })).toThrow(/"learningRate"/);
    expect(() => resolveTrainConfig('paper', { steps: 2.5 })).toThrow(/"steps"/);
  });

  test('more sampling steps than timesteps are refused before the training', () => {
    expect(() => resolveTrainConfig('paper', { timesteps: 10, samplingSteps: 11 })).toThrow(
      /"samplingSteps" is 11, but there are only 10 timesteps/,
    );
    expect(resolveTrainConfig('paper', { timesteps: 10, samplingSteps: 10 }).samplingSteps).toBe(10);
  });

  test('guidance needs both the conditional and the unconditional model', () => {
    for (const [labelDropout, missing] of [
      [0, 'without'],
      [1, 'with'],
    ] as const) {
      const refused = (): unknown => resolveTrainConfig('paper', { labelDropout });
      expect(refused).toThrow(ConfigError);
      expect(refused).toThrow(`"labelDropout" ${labelDropout} the network never learns to predict ${missing} a label.`);
      expect(resolveTrainConfig('paper', { labelDropout, guidanceWeight: 0 }).labelDropout).toBe(labelDropout);
    }
  });

  test.each([
    ['adamEpsilon', 1e-30, 1e-31],
    ['batchSize', 65_536, 65_537],
    ['threads', 1024, 1025],
    ['threads', 0, -1],
  ])('%s may be %d but not %d', (field, valid, invalid) => {
    expect(resolveTrainConfig('paper', { [field]: valid })).toMatchObject({ [field]: valid });
    expect(() => resolveTrainConfig('paper', { [field]: invalid })).toThrow(new RegExp(`"${field}": .*`));
  });

  test('heads of an attention that there is not', () => {
    const changes = { channels: [8, 16], blocks: [1, 1], attention: 'none', attentionHeads: 2 } as const;
    expect(() => resolveTrainConfig('paper', { model: 'modern-unet', ...changes })).toThrow(
      /"attention" is none, but "attentionHeads" is 2/,
    );
  });

  test('a schedule that cannot be is refused before the training', () => {
    expect(() => resolveTrainConfig('paper', { zeroTerminalSnr: true })).toThrow(/"zeroTerminalSnr".*x0, v or flow/);
    expect(() => resolveTrainConfig('paper', { schedule: 'flow' })).toThrow(/"schedule" flow, .*x0, v or flow/);
    expect(() => resolveTrainConfig('paper', { timesteps: 2, betas: [0.5, 1] })).toThrow(
      /"betas" that end with 1, .*x0, v or flow/,
    );
    expect(resolveTrainConfig('paper', { zeroTerminalSnr: true, prediction: 'v' }).zeroTerminalSnr).toBe(true);
    expect(() => resolveTrainConfig('paper', { rescaleBetas: true, schedule: 'cosine' })).toThrow(
      /Betas can be rescaled only for the linear schedule/,
    );
    expect(() => resolveTrainConfig('paper', { rescaleBetas: true, timesteps: 20 })).toThrow(
      /would reach 1, but must be less than 1/,
    );
  });

  test('a configuration file is named in its errors', () => {
    expect(() => parseTrainConfigFile('{"steps": ', 'a.json')).toThrow(/^a\.json: not a JSON file/);
    expect(() => parseTrainConfigFile('{"stepz": 1}', 'a.json')).toThrow(/^a\.json: unknown field "stepz"/);
    expect(() => parseTrainConfigFile('[]', 'a.json')).toThrow(/^a\.json: /);
    expect(parseTrainConfigFile('{"steps": 3}', 'a.json')).toEqual({ steps: 3 });
  });
});
