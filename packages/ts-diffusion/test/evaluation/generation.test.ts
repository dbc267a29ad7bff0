import { expect, test } from 'vitest';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { generationOf } from '../../src/evaluation/generation.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { sha256Hex } from '../../src/node/platform/sha256.js';
import { tinyModel } from '../pipeline/tiny-model.js';

test('a receipt says how images came about: schedule, sampler, and whatever the sampler was told', async () => {
  const schedule = createNoiseSchedule('linear', 40, { rescaleBetas: true });
  const model = { ...tinyModel(), schedule };
  const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), model, { step: 5, averaged: false });
  const options = { sampler: 'ddim', eta: 0.5, samplingSteps: 4, guidanceInterval: [0.3, 5], seed: 3 } as const;
  expect(generationOf(pipeline, options)).toEqual({
    weights: sha256Hex(new Uint8Array(model.parameters.buffer)),
    ...{ step: 5, averaged: false, prediction: 'epsilon', schedule: 'linear (betas rescaled)', timesteps: 40 },
    ...{ sampler: 'ddim', samplingSteps: 4, omega: 0.2, seed: 3 },
    options: { spacing: 'even', eta: 0.5, guidanceInterval: '0.3,5' },
  });
});
