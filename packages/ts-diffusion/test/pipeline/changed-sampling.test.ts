import { describe, expect, test } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import type { ModelSampling } from '../../src/diffusion/sampling-schema.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { DrawableModel } from '../../src/pipeline/drawable-model.js';
import { planEdit } from '../../src/pipeline/plan-edit.js';
import { planInpainting } from '../../src/pipeline/plan-inpainting.js';
import type { EditOptions } from '../../src/pipeline/sample-options.js';
import { ConfigError } from '../../src/utils/errors.js';

const deterministic: ModelSampling = {
  sampler: 'dpm-solver++',
  samplingSteps: 10,
  spacing: 'trailing',
  guidanceWeight: 0.3,
  clipX0: true,
};
const images = new Uint8Array(4);

const modelOf = (sampling?: ModelSampling, T = 1000): DrawableModel => ({
  network: networkFrom(({ data }) => Promise.resolve(data)),
  prediction: 'x0',
  schedule: createNoiseSchedule('cosine', T),
  model: { imageSize: 2, imageChannels: 1, classes: 10 },
  samplingSteps: 50,
  guidanceWeight: 0.5,
  sampling,
});

type Options = Omit<EditOptions, 'labels' | 'images' | 'strength'>;

describe.each([
  [
    'edit',
    (model: DrawableModel, options?: Options) => planEdit(model, { labels: [1], images, strength: 1, ...options }),
  ],
  [
    'inpainting',
    (model: DrawableModel, options?: Options) =>
      planInpainting(model, { labels: [1], images, mask: images, ...options }),
  ],
] as const)('%s', (_name, plan) => {
  const sampled = (model: DrawableModel, options?: Options) => {
    const { sampler, timesteps, spacing, guidanceWeight, clipX0 } = plan(model, options).sampling;
    return { sampler: sampler.name, steps: timesteps.length, last: timesteps.at(-1), spacing, guidanceWeight, clipX0 };
  };

  test("is drawn in the model's own way, by a sampler that adds noise in place of one that does not", () => {
    const own = { spacing: 'trailing', guidanceWeight: 0.3, clipX0: true };
    expect(sampled(modelOf(deterministic))).toEqual({ sampler: 'dpm-solver++-sde', steps: 20, last: 50, ...own });
    expect(sampled(modelOf({ ...deterministic, sampler: 'ddim', eta: 0 }))).toMatchObject({
      sampler: 'dpm-solver++-sde',
    });
    // An option of the model's sampler asks for that.
    expect(sampled(modelOf({ ...deterministic, sampler: 'ddim' }), { eta: 0 })).toMatchObject({ sampler: 'ddim' });
    expect(sampled(modelOf({ ...deterministic, sampler: 'ddim', eta: 1 }))).toMatchObject({
      sampler: 'ddim',
      steps: 10,
    });
    const stochastic = { ...deterministic, sampler: 'dpm-solver++-sde' } as const;
    expect(sampled(modelOf(stochastic))).toEqual({ sampler: 'dpm-solver++-sde', steps: 10, last: 100, ...own });
  });

  test('keeps many steps, and all of them, and takes no more than there are', () => {
    expect(sampled(modelOf({ ...deterministic, samplingSteps: 40 })).steps).toBe(40);
    expect(sampled(modelOf({ ...deterministic, samplingSteps: 0 })).steps).toBe(1000);
    expect(sampled(modelOf(deterministic, 12)).steps).toBe(12);
  });

  test('is drawn as its training was configured where the model has no way of its own', () => {
    const configured = { sampler: 'ddpm', steps: 50, spacing: 'even', guidanceWeight: 0.5, clipX0: false };
    expect(sampled(modelOf())).toMatchObject(configured);
  });

  test('goes by what is asked for', () => {
    expect(sampled(modelOf(deterministic), { samplingSteps: 5, guidanceWeight: 2 })).toMatchObject({
      ...{ sampler: 'dpm-solver++-sde', steps: 5, guidanceWeight: 2, clipX0: true },
    });
    expect(sampled(modelOf(deterministic), { sampler: 'dpm-solver++' })).toMatchObject({
      sampler: 'dpm-solver++',
      steps: 10,
    });
    expect(sampled(modelOf(deterministic), { sampler: 'ddpm' })).toMatchObject({
      sampler: 'ddpm',
      steps: 50,
      spacing: 'even',
    });
  });

  test('is refused by a distilled model, however it is asked', () => {
    const student = { ...modelOf({ ...deterministic, sampler: 'ddpm', samplingSteps: 1 }), drawingSteps: [1, 2, 4] };
    for (const options of [{}, { sampler: 'ddpm', samplingSteps: 4, spacing: 'trailing' } as const]) {
      expect(() => plan(student, options)).toThrow(ConfigError);
      expect(() => plan(student, options)).toThrow(
        /^This model is distilled to draw from noise in 1, 2 or 4 steps and cannot .*Use the model that it was distilled from\.$/,
      );
    }
  });
});

test('what a pipeline is loaded with counts for edits and inpaintings', async () => {
  const pipeline = await DiffusionPipeline.load('quick', {
    threads: 1,
    sampling: { sampler: 'ddpm', samplingSteps: 30, spacing: 'trailing', guidanceWeight: 0.7 },
  });
  const pixels = new Uint8Array(784);
  for (const plan of [
    planEdit(pipeline, { labels: [1], images: pixels, strength: 1 }),
    planInpainting(pipeline, { labels: [1], images: pixels, mask: pixels }),
  ]) {
    const { sampler, timesteps, guidanceWeight } = plan.sampling;
    expect([sampler.name, timesteps.length, guidanceWeight]).toEqual(['ddpm', 30, 0.7]);
  }
  await pipeline.dispose();
});
