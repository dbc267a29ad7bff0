import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { networkFrom } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { NoiseSource } from '../../src/diffusion/noise-source.js';
import { defineSampler } from '../../src/diffusion/samplers/sampler.js';
import { encodeImages } from '../../src/pipeline/encode-images.js';
import { pixelsOf, type DrawableModel } from '../../src/pipeline/drawable-model.js';
import { planEdit } from '../../src/pipeline/plan-edit.js';
import { planEncoding } from '../../src/pipeline/plan-encoding.js';
import { planInpainting } from '../../src/pipeline/plan-inpainting.js';
import { planInterpolation } from '../../src/pipeline/plan-interpolation.js';
import { planSampling } from '../../src/pipeline/plan-sampling.js';
import { planStates, runPlan } from '../../src/pipeline/run-plan.js';
import type { SamplingPlan } from '../../src/pipeline/sampling-plan.js';
import { ConfigError } from '../../src/utils/errors.js';
import { RandomStream } from '../../src/utils/random.js';
import { gaussian, mixtureDenoiser } from '../diffusion/mixture.js';

const schedule = createNoiseSchedule('cosine', 20);
const kind = { imageSize: 4, imageChannels: 3, classes: 2 };
const PIXELS = pixelsOf(kind);
const labels = [0, 1, -1];
const random = new RandomStream(3);
const images = Uint8Array.from({ length: labels.length * PIXELS }, () => random.integer(256));
const mask = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 < 2 ? 1 : 0));

/** A model of color images that is a JavaScript function, with a count of its evaluations. */
function colorModel(onCall: (calls: number) => void = () => undefined) {
  const exact = mixtureDenoiser(schedule, [gaussian(0.3, 0.5), gaussian(-0.4, 0.2), gaussian(0, 0.6)]);
  const counted = { calls: 0 };
  const model: DrawableModel = {
    network: networkFrom((x, timesteps, given) => {
      onCall(++counted.calls);
      return exact(x, timesteps, given);
    }),
    prediction: 'x0',
    schedule,
    model: kind,
  };
  return { model, counted };
}

const end = (label: number, index: number) => ({ label, noise: new NoiseSource(1, index, 1, PIXELS).next() });

const plans: Readonly<Record<string, (model: DrawableModel) => SamplingPlan>> = {
  sampling: (model) => planSampling(model, { labels }),
  'sampling by heun': (model) => planSampling(model, { labels, sampler: 'heun' }),
  edit: (model) => planEdit(model, { labels, images, strength: 0.8 }),
  inpainting: (model) => planInpainting(model, { labels, images, mask, resampling: { jump: 2, times: 2 } }),
  interpolation: (model) => planInterpolation(model, { from: end(0, 0), to: end(1, 1), frames: 3 }),
  encoding: (model) => planEncoding(model, { labels, images }),
};

describe.each(Object.entries(plans))('a plan of %s', (_, plan) => {
  test('draws images of every channel, and the same ones again', async () => {
    const made = plan(colorModel().model);
    const drawn = await runPlan(made);
    expect([drawn.count, drawn.channels, drawn.height, drawn.width]).toEqual([3, 3, 4, 4]);
    expect(drawn.images).toHaveLength(3 * PIXELS);
    expect(await runPlan(made)).toEqual(drawn);
  });

  test('aborted while its network is at it, makes no further evaluation and rejects with the reason', async () => {
    const reason = new Error('enough');
    for (const last of [1, 2, 5]) {
      const stop = new AbortController();
      const { model, counted } = colorModel((calls) => {
        if (calls === last) stop.abort(reason);
      });
      await expect(runPlan(plan(model), { signal: stop.signal })).rejects.toBe(reason);
      expect(counted.calls).toBe(last);
    }
  });

  test('aborted before it is run, never asks its network', async () => {
    const { model, counted } = colorModel();
    await expect(runPlan(plan(model), { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(counted.calls).toBe(0);
  });

  test('aborted by who is told of its states, makes no further evaluation', async () => {
    const stop = new AbortController();
    const { model, counted } = colorModel();
    let calls = 0;
    const run = runPlan(plan(model), {
      signal: stop.signal,
      onState: ({ step }) => {
        if (step !== 2) return;
        calls = counted.calls;
        stop.abort('seen');
      },
    });
    await expect(run).rejects.toBe('seen');
    expect([calls > 0, counted.calls]).toEqual([true, calls]);
  });
});

describe('color images', () => {
  test('inpainting keeps the known pixels of every channel and draws the others', async () => {
    const { images: drawn } = await runPlan(planInpainting(colorModel().model, { labels, images, mask }));
    const known = (i: number) => mask[i % 16] === 0;
    expect(drawn.filter((_, i) => known(i))).toEqual(images.filter((_, i) => known(i)));
    for (const channel of [0, 1, 2]) {
      const unknown = (values: Uint8Array) =>
        values.subarray(16 * channel, 16 * (channel + 1)).filter((_, i) => !known(i));
      expect(unknown(drawn)).not.toEqual(unknown(images));
    }
  });

  test('a mask may be one for each image', async () => {
    const each = Uint8Array.from({ length: 3 * 16 }, (_, i) => (i < 16 ? 0 : 1));
    const { images: drawn } = await runPlan(planInpainting(colorModel().model, { labels, images, mask: each }));
    expect(drawn.subarray(0, PIXELS)).toEqual(images.subarray(0, PIXELS));
    expect(drawn.subarray(PIXELS, 2 * PIXELS)).not.toEqual(images.subarray(PIXELS, 2 * PIXELS));
  });

  test('encoding finds the noise of every channel', async () => {
    const { noise, errors } = await encodeImages(colorModel().model, { images, labels });
    expect([noise.length, errors.length]).toEqual([3 * PIXELS, 3]);
    expect(noise.subarray(2 * PIXELS).some((value) => value !== 0)).toBe(true);
  });

  test('images of one channel are refused', () => {
    const attempt = () => planEdit(colorModel().model, { labels, images: images.subarray(0, 48) });
    expect(attempt).toThrow('3 images of 4x4 in 3 channels, the size of this model, need 144 pixels, got 48.');
  });
});

describe("a sampler of one's own", () => {
  const euler = defineSampler({
    name: 'euler',
    order: 1,
    stochastic: ({ churn }) => churn > 0,
    options: { churn: z.number().min(0).max(1).default(0) },
    step:
      ({ churn }) =>
      ({ transition: { signal, sigma, signalPrevious, sigmaPrevious }, x, predictedX0, noise }) => {
        const ratio = sigmaPrevious / sigma;
        const z = churn > 0 ? noise() : x;
        return x.map(
          (value, i) =>
            (signalPrevious - ratio * signal) * (predictedX0[i] ?? NaN) + ratio * value + churn * (z[i] ?? NaN),
        );
      },
  });
  const { model } = colorModel();
  const draw = async (options: object) => (await runPlan(planSampling(model, { labels, ...options }))).images;

  test('draws as ddim does, of which it is the same step', async () => {
    expect(await draw({ sampler: euler })).toBeCloseToTensor(await draw({ sampler: 'ddim' }), { atol: 1 });
    expect(await draw({ sampler: euler })).not.toEqual(await draw({ sampler: 'ddpm' }));
  });

  test('has its own options, checked by its shape', async () => {
    expect(await draw({ sampler: euler, churn: 0.5 })).not.toEqual(await draw({ sampler: euler }));
    await expect(draw({ sampler: euler, churn: 2 })).rejects.toThrow('The option churn of the sampler euler must be ');
    await expect(draw({ sampler: euler, eta: 1 })).rejects.toThrow('The option eta belongs to the sampler ddim');
    await expect(draw({ sampler: 'ddim', churn: 0.5 })).rejects.toThrow('There is no sampling option "churn"');
    await expect(draw({ sampler: { name: 'euler' } })).rejects.toThrow('sampler is an object but not a sampler');
  });

  test('interpolates as long as it adds no noise', () => {
    const between = { from: end(0, 0), to: end(1, 1), frames: 3, sampler: euler };
    expect(planInterpolation(model, between).sampling.sampler).toBe(euler);
    const noisy = { ...between, churn: 0.1 };
    expect(() => planInterpolation(model, noisy)).toThrow(
      'This needs a deterministic sampler: ddim with eta 0, dpm-solver++, heun, unipc, flow-euler or flow-heun',
    );
  });
});

describe('what a plan resolves', () => {
  const { model } = colorModel();
  const resolved = (options: object, defaults: object = {}) =>
    planSampling({ ...model, ...defaults }, { labels, ...options }).sampling;

  test('is all there is to a run: defaults are filled in', () => {
    const { sampler, own, timesteps, spacing, ...others } = resolved({});
    expect([sampler.name, own, timesteps.length, spacing]).toEqual(['ddpm', { variance: 'posterior' }, 20, 'even']);
    expect(others).toEqual({
      ...{ guidanceWeight: 0.2, guidanceInterval: undefined, guidanceRescale: 0, clipX0: false },
      ...{
        dynamicThreshold: undefined,
        resampling: undefined,
        rawLevels: false,
        seed: 0,
        firstImage: 0,
        batchSize: 128,
      },
    });
  });

  const sampling = { sampler: 'ddim', samplingSteps: 5, spacing: 'trailing', guidanceWeight: 2, eta: 0.3 } as const;
  const defaults = { samplingSteps: 10, guidanceWeight: 0.7, sampling };

  test("is the model's own way unless another sampler is named", () => {
    const own = resolved({}, defaults);
    expect([own.sampler.name, own.own, own.spacing, own.guidanceWeight]).toEqual([
      'ddim',
      { eta: 0.3, noiseFrom: 'clipped' },
      'trailing',
      2,
    ]);
    expect(own.timesteps).toEqual([20, 16, 12, 8, 4]);
    expect(resolved({ samplingSteps: 4 }, defaults).timesteps).toEqual([20, 15, 10, 5]);
    const other = resolved({ sampler: 'unipc' }, defaults);
    expect([other.timesteps.length, other.spacing, other.guidanceWeight]).toEqual([10, 'even', 0.7]);
  });

  test('with a guidance scale is guided by that alone', () => {
    expect(resolved({ guidanceScale: 1 }, defaults).guidanceWeight).toBe(0);
  });

  test('takes timesteps one by one', () => {
    expect(resolved({ timesteps: [19, 3] }, defaults)).toMatchObject({ timesteps: [19, 3], spacing: null });
  });

  test.each([
    [{ samplingStep: 3 }, 'There is no sampling option "samplingStep". Did you mean "samplingSteps"?'],
    [{ omega: 1 }, 'There is no sampling option "omega". Did you mean "guidanceWeight"?'],
    [{ colour: 1 }, /There is no sampling option "colour"\. Options: seed, firstImage/],
    [{ seed: '3' }, 'seed is "3"; expected an integer from 0 to 2^53-1.'],
    [{ clipX0: 'yes' }, 'clipX0 is "yes"; expected true or false.'],
    [{ timesteps: [3, 19] }, 'must be integers that decrease strictly within 1..20, got 19 at position 1'],
    [{ guidanceInterval: [5, 0.3] }, 'guidanceInterval is [5,0.3]; expected two numbers'],
    [{ resampling: { jump: 0, times: 1 } }, 'expected { jump, times }, both positive integers'],
    [{ clipX0: true, dynamicThreshold: 0.9 }, 'not both'],
    [{ sampler: 'ddpm', eta: 0.5 }, 'The option eta belongs to the sampler ddim'],
  ])('refuses %j', (options, message) => {
    expect(() => resolved(options)).toThrow(ConfigError);
    expect(() => resolved(options)).toThrow(message);
  });

  test('an unknown spacing is refused by encoding, too, and so is an option of drawing', async () => {
    const encode = (options: object) => encodeImages(model, { images, labels, ...options });
    await expect(encode({ spacing: 'krras' })).rejects.toThrow('spacing is krras; expected one of even, trailing,');
    await expect(encode({ eta: 1 })).rejects.toThrow('Encoding: There is no sampling option "eta".');
  });
});

test('the states of a plan are those that runPlan tells of', async () => {
  const plan = planSampling(colorModel().model, { labels, batchSize: 2, samplingSteps: 4 });
  const told: unknown[] = [];
  await runPlan(plan, { onState: (state) => void told.push(state) });
  const states: unknown[] = [];
  for await (const state of planStates(plan)) states.push(state);
  expect(told).toEqual(states);
  expect(states).toHaveLength(2 * 5);
});

describe('a tone curve', () => {
  /** Ink above the middle, none below. */
  const twoLevels = Array.from({ length: 3 }, () =>
    Uint8Array.from({ length: 256 }, (_, level) => (level < 128 ? 0 : 255)),
  );
  const model = { ...colorModel().model, toneCurve: twoLevels };
  const all = async <Each>(from: AsyncIterable<Each>): Promise<Each[]> => {
    const list: Each[] = [];
    for await (const each of from) list.push(each);
    return list;
  };
  const levelsOf = (drawn: Uint8Array): number[] => [...new Set(drawn)].sort((a, b) => a - b);

  test.each(Object.entries(plans).filter(([name]) => name !== 'inpainting' && name !== 'encoding'))(
    'decides the levels of %s',
    async (_, plan) => {
      const [plain, curved] = [await runPlan(plan(colorModel().model)), await runPlan(plan(model))];
      expect(levelsOf(curved.images)).toEqual([0, 255]);
      expect(curved.images).toEqual(plain.images.map((level) => (level < 128 ? 0 : 255)));
    },
  );

  test('is part of the last state, and of no other', async () => {
    const states = await all(planStates(planSampling(model, { labels })));
    const before = await all(planStates(planSampling(colorModel().model, { labels })));
    expect(states.slice(0, -1)).toEqual(before.slice(0, -1));
    const last = states.at(-1);
    expect([...new Set(last?.x)].sort()).toEqual([-1, 1]);
    expect(last?.predictedX0).toEqual(last?.x);
  });

  test('leaves the known pixels of an inpainting as they are', async () => {
    const { images: drawn } = await runPlan(planInpainting(model, { labels, images, mask }));
    const isDrawn = (i: number): boolean => mask[i % 16] !== 0;
    expect(levelsOf(drawn.filter((_, i) => isDrawn(i)))).toEqual([0, 255]);
    expect(drawn.filter((_, i) => !isDrawn(i))).toEqual(images.filter((_, i) => !isDrawn(i)));
  });

  test('is left out where levels are wanted as the network draws them, and of reconstructions', async () => {
    const reconstruction = await runPlan(planEncoding(model, { labels, images }));
    expect(reconstruction).toEqual(await runPlan(planEncoding(colorModel().model, { labels, images })));
    const raw = await runPlan(planSampling(model, { labels, rawLevels: true }));
    expect(raw).toEqual(await runPlan(planSampling(colorModel().model, { labels })));
  });
});
