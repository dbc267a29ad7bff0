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

test('a receipt leaves out nothing that changes the images', async () => {
  const schedule = createNoiseSchedule('cosine', 40, { zeroTerminalSnr: true });
  const model = { ...tinyModel(), schedule, prediction: 'x0' } as const;
  const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), model);
  const plain = generationOf(pipeline, {});
  expect(plain.schedule).toBe('cosine (zero terminal SNR)');
  for (const [change, told] of [
    [{ timesteps: [40, 9] }, { samplingSteps: 2, options: { timesteps: '40,9' } }],
    [{ resampling: { jump: 5, times: 2 } }, { options: { spacing: 'even', resampling: '2 times over 5 steps' } }],
    [{ variance: 'beta' }, { options: { spacing: 'even', variance: 'beta' } }],
    [{ clipX0: true }, { options: { spacing: 'even', clipX0: true } }],
    [{ dynamicThreshold: 0.9 }, { options: { spacing: 'even', dynamicThreshold: 0.9 } }],
    [{ guidanceRescale: 0.5 }, { options: { spacing: 'even', guidanceRescale: 0.5 } }],
    [{ firstImage: 100 }, { options: { spacing: 'even', firstImage: 100 } }],
    [{ guidanceScale: 3 }, { omega: 2 }],
    [{ seed: 8 }, { seed: 8 }],
  ] as const) {
    expect(generationOf(pipeline, change)).toEqual({ ...plain, ...told });
  }
  // How many are drawn at a time changes nothing.
  expect(generationOf(pipeline, { batchSize: 7 })).toEqual(plain);
});

test("a receipt of a model that is drawn from in its own way says that way's options", async () => {
  const sampling = { sampler: 'ddim', samplingSteps: 5, spacing: 'trailing', guidanceWeight: 2, eta: 0.3 } as const;
  const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), { ...tinyModel(), sampling });
  const options = { spacing: 'trailing', eta: 0.3 };
  expect(generationOf(pipeline, {})).toMatchObject({ sampler: 'ddim', samplingSteps: 5, omega: 2, options });
});

test('a receipt tells which tone curve finished images went through', async () => {
  const toneCurve = [new Uint8Array(256).fill(7)];
  const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), { ...tinyModel(), toneCurve });
  const curved = generationOf(pipeline, {});
  expect(curved.toneCurve).toBe(sha256Hex(new Uint8Array(256).fill(7)));
  expect(generationOf(pipeline, { rawLevels: true })).toEqual({ ...curved, toneCurve: undefined });
});
