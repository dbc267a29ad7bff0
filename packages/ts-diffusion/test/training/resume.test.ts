import { describe, expect, test } from 'vitest';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import { checkSameModel, checkSameRun } from '../../src/training/resume.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { CheckpointError, ConfigError } from '../../src/utils/errors.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

describe('the configuration of a resumed run', () => {
  const config = resolveTrainConfig('paper');
  const checkpoint = { config, step: 500 };

  test('may extend the run and say where it computes', () => {
    for (const changes of [{}, { steps: 200_000 }, { steps: 500 }, { threads: 2 }, { data: 'elsewhere' }]) {
      expect(() => {
        checkSameRun(checkpoint, { ...config, ...changes });
      }).not.toThrow();
    }
  });

  test.each([
    ['batchSize', 5, '"batchSize" is 32 in this run and cannot become 5 when it is resumed'],
    ['channels', [64, 128], '"channels" is [64,128,256] in this run and cannot become [64,128] when it is resumed'],
    ['emaDecay', 0.9, '"emaDecay" is 0.999 in this run and cannot become 0.9 when it is resumed'],
    ['steps', 499, '"steps" is 499, but the run to resume has already taken 500 steps'],
  ])('may not have another %s', (field, value, message) => {
    const check = (): void => {
      checkSameRun(checkpoint, { ...config, [field]: value });
    };
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(message);
  });
});

test('a checkpoint of another network is refused, naming the difference', () => {
  const { classes, ...rest } = modelFor(tinyConfig(), tinyDataset());
  const checkpoint = { model: { classes, ...rest }, step: 7 };
  expect(() => {
    checkSameModel(checkpoint, { classes, ...rest });
  }).not.toThrow();
  const check = (): void => {
    checkSameModel(checkpoint, { ...rest, classes: 12 });
  };
  expect(check).toThrow(CheckpointError);
  expect(check).toThrow(`The network in the checkpoint of step 7 has "classes" 10, this run's has 12.`);
});
