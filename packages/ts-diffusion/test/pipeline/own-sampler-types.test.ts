import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import type { OptionsOfChoice } from '../../src/diffusion/samplers/sampler-choice.js';
import { defineSampler, type Sampler } from '../../src/diffusion/samplers/sampler.js';
import { denoiserFrom, networkFrom } from '../../src/diffusion/denoiser.js';
import type { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { DrawableModel } from '../../src/pipeline/drawable-model.js';
import { planEdit } from '../../src/pipeline/plan-edit.js';
import { planInpainting } from '../../src/pipeline/plan-inpainting.js';
import { planInterpolation } from '../../src/pipeline/plan-interpolation.js';
import { planSampling } from '../../src/pipeline/plan-sampling.js';
import type { SampleOptions } from '../../src/pipeline/sample-options.js';
import type { SamplingPlan } from '../../src/pipeline/sampling-plan.js';

const own = defineSampler({
  name: 'own',
  order: 1,
  stochastic: ({ churn }) => churn > 0,
  options: {
    churn: z.number().min(0).max(1).default(0).meta({ description: 'new noise', expected: 'a number from 0 to 1' }),
    mode: z.enum(['slow', 'fast']).default('slow'),
  },
  step:
    () =>
    ({ predictedX0 }) =>
      predictedX0,
});
const model: DrawableModel = {
  network: networkFrom(({ data }) => Promise.resolve(data)),
  prediction: 'x0',
  schedule: createNoiseSchedule('cosine', 20),
  model: { imageSize: 2, imageChannels: 1, classes: 2 },
};
const labels = [0];
const images = new Uint8Array(4);
const end = { label: 0, noise: new Float32Array(4) };
const resolved = ({ sampling }: SamplingPlan) => [sampling.sampler, sampling.own];

// `npm run types` fails where one of the lines below is no longer refused or accepted: vitest itself does not check types.

test("the options of a user's own sampler stand in the same object as the others", () => {
  const complete = [own, { churn: 0.3, mode: 'slow' }];
  expect(resolved(planSampling(model, { labels, sampler: own, churn: 0.3 }))).toEqual(complete);
  expect(resolved(planEdit(model, { labels, images, sampler: own, churn: 0.3, strength: 0.5 }))).toEqual(complete);
  expect(resolved(planInpainting(model, { labels, images, mask: images, sampler: own, churn: 0.3 }))).toEqual(complete);
  expect(resolved(planInterpolation(model, { from: end, to: end, frames: 2, sampler: own, mode: 'fast' }))).toEqual([
    own,
    { churn: 0, mode: 'fast' },
  ]);
  expectTypeOf<OptionsOfChoice<typeof own>>().toEqualTypeOf<{
    readonly churn?: number | undefined;
    readonly mode?: 'slow' | 'fast' | undefined;
  }>();
});

test('so they do in the methods of a pipeline', () => {
  const draw = async (pipeline: DiffusionPipeline) => {
    await pipeline.generate({ labels, sampler: own, churn: 0.3 });
    await pipeline.edit({ labels, images, sampler: own, churn: 0.3 });
    await pipeline.inpaint({ labels, images, mask: images, sampler: own, churn: 0.3 });
    await pipeline.interpolate({ from: end, to: end, frames: 2, sampler: own, churn: 0 });
    for await (const { step } of pipeline.sample({ labels, sampler: own, churn: 0.3, mode: 'fast' }))
      if (step > 0) break;
    // @ts-expect-error: did you mean churn?
    await pipeline.generate({ labels, sampler: own, chrn: 0.3 });
  };
  expectTypeOf(draw).returns.resolves.toBeVoid();
});

test('an unknown option is refused by the compiler and at run time, with the one that was meant', () => {
  // @ts-expect-error: did you mean churn?
  expect(() => planSampling(model, { labels, sampler: own, chrn: 0.3 })).toThrow(
    'There is no sampling option "chrn". Did you mean "churn"?',
  );
  // @ts-expect-error: did you mean samplingSteps?
  expect(() => planSampling(model, { labels, sampler: own, samplingStep: 3 })).toThrow('Did you mean "samplingSteps"?');
  // @ts-expect-error: nearly one of ddim
  expect(() => planEdit(model, { labels, images, sampler: own, etta: 1 })).toThrow(
    'There is no sampling option "etta"',
  );
  // @ts-expect-error: the option of `own` without it
  expect(() => planSampling(model, { labels, sampler: 'ddim', churn: 0.3 })).toThrow(
    'There is no sampling option "churn"',
  );
  // @ts-expect-error: the same without a sampler
  expect(() => planSampling(model, { labels, churn: 0.3 })).toThrow('There is no sampling option "churn"');
});

test('a value that is not allowed is refused by the compiler where it can be, and at run time', () => {
  // @ts-expect-error: a number
  expect(() => planSampling(model, { labels, sampler: own, churn: 'much' })).toThrow(
    'The option churn of the sampler own must be a number from 0 to 1, got "much".',
  );
  // @ts-expect-error: slow or fast
  expect(() => planSampling(model, { labels, sampler: own, mode: 'quick' })).toThrow(
    'The option mode of the sampler own must be',
  );
  expect(() => planSampling(model, { labels, sampler: own, churn: 2 })).toThrow('from 0 to 1, got 2.');
});

test('a sampler whose options are not known to the compiler, and options made elsewhere, are taken as they are', () => {
  const erased: Sampler = own;
  expect(resolved(planSampling(model, { labels, sampler: erased }))).toEqual([own, { churn: 0, mode: 'slow' }]);
  const options: SampleOptions = { labels, sampler: own };
  expect(resolved(planSampling(model, options))).toEqual([own, { churn: 0, mode: 'slow' }]);
});

test('an own option by the name of one that all samplers have is refused', () => {
  const { name, order, step } = own;
  const options = { seed: z.number().default(1) };
  const clashing = defineSampler({
    name,
    order,
    step: () => step({ churn: 0, mode: 'slow' }),
    stochastic: false,
    options,
  });
  expect(() => planSampling(model, { labels, sampler: clashing })).toThrow(
    'The sampler own calls an option of its own seed, as one of every sampler is called; rename it.',
  );
});

test('the reverse process takes them likewise', async () => {
  const x = { shape: [1, 1, 1, 1] as const, data: new Float32Array(1) };
  const start = { x, labels: Int32Array.of(0), noise: { next: () => new Float32Array(1) } };
  const denoiser = denoiserFrom(({ data }) => Promise.resolve(data));
  const run = (options: object) => reverseProcess(own, denoiser, model.schedule, start, options).next();
  reverseProcess(own, denoiser, model.schedule, start, { churn: 0.3, clipX0: true });
  // @ts-expect-error: did you mean churn?
  reverseProcess(own, denoiser, model.schedule, start, { chrn: 0.3 });
  await expect(run({ churn: 0.3 })).resolves.toMatchObject({ done: false });
  await expect(run({ chrn: 0.3 })).rejects.toThrow(
    'The sampler own has no option chrn. Did you mean "churn"? Its own options: churn, mode.',
  );
});
