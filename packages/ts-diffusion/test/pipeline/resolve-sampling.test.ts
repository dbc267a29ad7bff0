import { expect, test } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import type { SamplingData } from '../../src/diffusion/sampling-schema.js';
import { resolveSampling } from '../../src/pipeline/resolve-sampling.js';

const model = { schedule: createNoiseSchedule('linear', 20), samplingSteps: 5, guidanceWeight: 0 };

test.each<[given: SamplingData, ofModel: SamplingData, clipX0: boolean, percentile: number | undefined]>([
  [{}, { clipX0: true }, true, undefined],
  [{ clipX0: false }, { clipX0: true }, false, undefined],
  [{ dynamicThreshold: 0.99 }, { clipX0: true }, false, 0.99],
  [{ clipX0: true }, { dynamicThreshold: 0.99 }, true, undefined],
  [{ clipX0: false }, { dynamicThreshold: 0.99 }, false, 0.99],
])('asked for %j, a model that draws with %j', (given, ofModel, clipX0, percentile) => {
  const resolved = resolveSampling(model, given, ofModel);
  expect([resolved.clipX0, resolved.dynamicThreshold]).toEqual([clipX0, percentile]);
});
