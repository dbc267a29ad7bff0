import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toModelRange } from '../../src/utils/pixel-range.js';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { addNoise } from '../../src/diffusion/forward-process.js';
import { slerp } from '../../src/diffusion/interpolation.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { asX0 } from '../../src/diffusion/prediction.js';
import { reverseProcess } from '../../src/diffusion/reverse-process.js';
import { resolveSampling } from '../../src/pipeline/resolve-sampling.js';
import type { PipelineState } from '../../src/pipeline/run-plan.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { ConfigError } from '../../src/utils/errors.js';
import { toBytes } from '../../src/utils/pixel-range.js';
import { RandomStream } from '../../src/utils/random.js';
import { tinyModel } from './tiny-model.js';

const PIXELS = 64;
const random = new RandomStream(5);
const images = Uint8Array.from({ length: 3 * PIXELS }, () => random.integer(256));
const labels = [1, 4, 1];
let pipeline: DiffusionPipeline;

beforeAll(async () => {
  // Predicting the image, the untrained network stays within a few times the model range.
  pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), { ...tinyModel(), prediction: 'x0' });
});
afterAll(() => pipeline.dispose());

describe('edit', () => {
  test('starts from the images noised to strength · T, and visits the rest', async () => {
    const states: PipelineState[] = [];
    const edited = await pipeline.edit(
      { labels, images, strength: 0.5, seed: 3, batchSize: 2 },
      {
        onState: (state) => void states.push(state),
      },
    );
    expect(states.filter(({ first }) => first === 2).map(({ timestep }) => timestep)).toEqual([5, 4, 3, 2, 1, 0]);
    const start = states.find(({ first, step }) => first === 2 && step === 0)?.x ?? [];
    const x0 = toModelRange(images.subarray(2 * PIXELS));
    expect(start).toEqual(addNoise(pipeline.schedule, x0, [5], pipeline.initialNoise(3, 2), PIXELS));
    expect([edited.count, edited.images.length, [...edited.labels]]).toEqual([3, 3 * PIXELS, labels]);
  });

  test.each([
    [{ labels: [1, 2], images }, '2 images of 8x8, the size of this model, need 128 pixels, got 192.'],
    [{ labels, images, strength: 0 }, 'The strength of an edit must be a number above 0'],
    [{ labels: [1, 2, 11], images }, 'label is 11'],
  ])('refuses %j', async (options, message) => {
    await expect(pipeline.edit(options)).rejects.toThrow(ConfigError);
    await expect(pipeline.edit(options)).rejects.toThrow(message);
  });
});

describe('inpaint', () => {
  const mask = Uint8Array.from({ length: PIXELS }, (_, i) => (i % 8 < 4 ? 255 : 0));
  const kept = (values: Uint8Array) => values.filter((_, i) => mask[i % PIXELS] === 0);

  test('keeps the pixels that the mask leaves alone, and draws the others', async () => {
    const options = { labels, images, mask, seed: 1, resampling: { jump: 2, times: 2 } };
    const completed = await pipeline.inpaint({ ...options, batchSize: 2 });
    expect(kept(completed.images)).toEqual(kept(images));
    expect(completed.images).not.toEqual(images);
    const masks = Uint8Array.from({ length: 3 * PIXELS }, (_, i) => mask[i % PIXELS] ?? 0);
    expect((await pipeline.inpaint({ ...options, mask: masks })).images).toBeCloseToTensor(completed.images, {
      atol: 1,
    });
  });

  test('a mask of 0 gives the images back, one of 1 draws as sampling does', async () => {
    const whole = { labels, images, guidanceWeight: 0.5 };
    expect((await pipeline.inpaint({ ...whole, mask: new Uint8Array(PIXELS) })).images).toEqual(images);
    const drawn = await pipeline.inpaint({ ...whole, mask: new Uint8Array(PIXELS).fill(1) });
    expect(drawn.images).toEqual((await pipeline.generate({ labels, guidanceWeight: 0.5 })).images);
  });

  test('refuses a mask of another size', async () => {
    await expect(pipeline.inpaint({ labels, images, mask: new Uint8Array(9) })).rejects.toThrow('got 9.');
  });
});

describe('interpolate', () => {
  const end = (label: number, index: number) => ({ label, noise: pipeline.initialNoise(7, index) });

  test('its ends are what their noise and labels draw', async () => {
    const options = { guidanceWeight: 0.5, samplingSteps: 6, spacing: 'even', sampler: 'unipc' } as const;
    const between = await pipeline.interpolate({ ...options, from: end(2, 0), to: end(9, 1), frames: 5, batchSize: 3 });
    expect([...between.labels]).toEqual([2, 2, 9, 9, 9]);
    const ends = await pipeline.generate({ ...options, labels: [2, 9], seed: 7 });
    expect(between.images.subarray(0, PIXELS)).toBeCloseToTensor(ends.images.subarray(0, PIXELS), { atol: 1 });
    expect(between.images.subarray(4 * PIXELS)).toBeCloseToTensor(ends.images.subarray(PIXELS), { atol: 1 });
  });

  test('between two images of one label it draws from the noise between', async () => {
    const states: PipelineState[] = [];
    const { images: between } = await pipeline.interpolate(
      { from: end(3, 0), to: end(3, 1), frames: 3 },
      {
        onState: (s) => void states.push(s),
      },
    );
    const middle = slerp(end(3, 0).noise, end(3, 1).noise, 0.5);
    expect(states[0]?.x.subarray(PIXELS, 2 * PIXELS)).toEqual(middle);
    expect(between).toHaveLength(3 * PIXELS);
  });

  test.each([
    [{ sampler: 'ddpm' }, 'This needs a deterministic sampler: ddim with eta 0'],
    [{ eta: 0.5 }, 'This needs a deterministic sampler'],
    [{ frames: 1 }, 'at least 2 frames'],
  ] as const)('refuses %j', async (options, message) => {
    const attempt = pipeline.interpolate({ from: end(3, 0), to: end(3, 1), frames: 3, ...options });
    await expect(attempt).rejects.toThrow(message);
  });
});

describe('encode', () => {
  test('finds noise that ddim draws the reconstruction from, and tells how far that is off', async () => {
    const { noise, reconstruction, errors } = await pipeline.encode({ images, labels });
    const shape = [3, 1, 8, 8] as const;
    const start = { x: { shape, data: noise }, labels: Int32Array.from(labels) };
    const { samplers } = await import('../../src/diffusion/samplers/index.js');
    const { timesteps } = resolveSampling(pipeline, { spacing: 'log-snr' });
    const denoiser = asX0(pipeline.network, pipeline.prediction, pipeline.schedule);
    let drawn = new Float32Array();
    const steps = reverseProcess(
      samplers.ddim,
      denoiser,
      pipeline.schedule,
      { ...start, noise: { next: () => drawn } },
      { timesteps },
    );
    for await (const { x } of steps) drawn = Float32Array.from(x);
    expect(reconstruction).toEqual(toBytes(drawn));
    const expected = labels.map((_, i) => {
      const original = toModelRange(images.subarray(i * PIXELS, (i + 1) * PIXELS));
      const found = drawn.subarray(i * PIXELS, (i + 1) * PIXELS);
      return Math.sqrt(found.reduce((sum, value, j) => sum + (value - (original[j] ?? NaN)) ** 2, 0) / PIXELS);
    });
    expect(errors).toBeCloseToTensor(expected, { rtol: 1e-6 });
  });

  test('takes images without a class', async () => {
    const one = { images: images.subarray(0, PIXELS), labels: [NULL_LABEL], samplingSteps: 3 };
    expect((await pipeline.encode(one)).noise).toHaveLength(PIXELS);
  });
});

describe('how guidance is given', () => {
  const draw = async (options: object) => (await pipeline.generate({ labels: [3], ...options })).images;

  test('a guidance scale of 1 + omega is omega', async () => {
    expect(await draw({ guidanceScale: 3 })).toEqual(await draw({ guidanceWeight: 2 }));
    expect(resolveSampling(pipeline, { guidanceScale: 3 }).guidanceWeight).toBe(2);
    await expect(draw({ guidanceScale: 3, guidanceWeight: 2 })).rejects.toThrow('not both');
  });

  test('the interval, the rescaling, the spacing and the sampler count', async () => {
    // Of a network that predicts the noise the way matters; this untrained one predicts nearly one image, whatever x.
    const byNoise = new DiffusionPipeline(pipeline.runtime, tinyModel());
    const draw = async (options: object) => (await byNoise.generate({ labels: [3], ...options })).images;
    const plain = await draw({ guidanceWeight: 2 });
    for (const change of [
      { guidanceInterval: [0.02, 0.1] },
      { guidanceRescale: 0.7 },
      { samplingSteps: 5, spacing: 'karras' },
      { sampler: 'dpm-solver++' },
      { variance: 'beta' },
    ]) {
      expect(await draw({ guidanceWeight: 2, ...change })).not.toEqual(plain);
    }
    // An interval over all noise levels changes nothing.
    expect(await draw({ guidanceWeight: 2, guidanceInterval: [0, 1e9] })).toEqual(plain);
    await byNoise.dispose();
  });
});
