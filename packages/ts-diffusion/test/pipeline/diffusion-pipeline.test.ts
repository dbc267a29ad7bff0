import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { NoiseSource } from '../../src/diffusion/noise-source.js';
import { asEpsilon } from '../../src/diffusion/prediction.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import type { PipelineState } from '../../src/pipeline/run-plan.js';
import type { SampleOptions } from '../../src/pipeline/sample-options.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { CheckpointError, ConfigError } from '../../src/utils/errors.js';
import { TINY_TIMESTEPS, tinyCheckpoint, tinyModel, writeTinyRun } from './tiny-model.js';

const PIXELS = 64;
const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
let pipeline: DiffusionPipeline;

beforeAll(async () => {
  pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), tinyModel());
});
afterAll(async () => {
  await pipeline.dispose();
  rmSync(folder, { recursive: true });
});

async function states(options: SampleOptions): Promise<PipelineState[]> {
  const all: PipelineState[] = [];
  for await (const state of pipeline.sample(options)) all.push(state);
  return all;
}

/** The images [total, pixels] at one timestep, joined over the batches. */
function imagesAt(all: readonly PipelineState[], timestep: number): Float32Array {
  const images = new Float32Array((all[0]?.total ?? 0) * PIXELS);
  for (const { first, timestep: t, x } of all) if (t === timestep) images.set(x, first * PIXELS);
  return images;
}

/** The paper's Algorithm 2 for one image, line by line, in float64, with the two predictions made one at a time. */
async function algorithm2(label: number, omega: number, seed: number, index: number): Promise<Float32Array> {
  const { betas, alphas, alphasCumprod } = pipeline.schedule;
  const noise = new NoiseSource(seed, index, 1, PIXELS);
  const shape = [1, 1, 8, 8] as const;
  let x = noise.next();
  for (let t = TINY_TIMESTEPS; t >= 1; t--) {
    const [beta, alpha, alphaBar] = [betas[t - 1], alphas[t - 1], alphasCumprod[t - 1]] as [number, number, number];
    const mean = async (c: number): Promise<Float64Array> => {
      const epsilon = await pipeline.network({ shape, data: x }, Float32Array.of(t), Int32Array.of(c));
      return Float64Array.from(x, (value, i) => {
        return (value - (beta * (epsilon[i] as number)) / Math.sqrt(1 - alphaBar)) / Math.sqrt(alpha);
      });
    };
    const unconditional = await mean(NULL_LABEL);
    const conditional = await mean(label);
    const guided = conditional.map((value, i) => (1 + omega) * value - omega * (unconditional[i] as number));
    if (t > 1) {
      const variance = (beta * (1 - (alphasCumprod[t - 2] as number))) / (1 - alphaBar);
      const epsilon = noise.next();
      x = Float32Array.from(guided, (value, i) => value + Math.sqrt(variance) * (epsilon[i] as number));
    } else {
      x = Float32Array.from(guided);
    }
  }
  return x;
}

describe('sampling', () => {
  test.each([0, 0.2, 3])('is Algorithm 2 of the paper (omega %d)', async (omega) => {
    const labels = [3, 9];
    const images = imagesAt(await states({ labels, guidanceWeight: omega, seed: 5 }), 0);
    for (const [i, label] of labels.entries()) {
      const expected = await algorithm2(label, omega, 5, i);
      expect(images.subarray(i * PIXELS, (i + 1) * PIXELS)).toBeCloseToTensor(expected, { rtol: 1e-4, atol: 1e-4 });
    }
  });

  test('image i of a seed is the same at any batch size', async () => {
    const options = { labels: [0, 1, 2, 3, 4, 5, 6], guidanceWeight: 0.5, seed: 11 };
    const together = await states(options);
    for (const batchSize of [1, 3]) {
      const apart = await states({ ...options, batchSize });
      expect(imagesAt(apart, TINY_TIMESTEPS)).toEqual(imagesAt(together, TINY_TIMESTEPS));
      expect(imagesAt(apart, 0)).toBeCloseToTensor(imagesAt(together, 0), { rtol: 1e-4, atol: 1e-4 });
    }
  });

  test('a set can be drawn in parts', async () => {
    const options = { guidanceWeight: 0.5, seed: 11 };
    const whole = await states({ ...options, labels: [0, 1, 2, 3] });
    const part = await states({ ...options, labels: [2, 3], firstImage: 2 });
    expect(imagesAt(part, TINY_TIMESTEPS)).toEqual(imagesAt(whole, TINY_TIMESTEPS).subarray(2 * PIXELS));
    const end = imagesAt(whole, 0).subarray(2 * PIXELS);
    expect(imagesAt(part, 0)).toBeCloseToTensor(end, { rtol: 1e-4, atol: 1e-4 });
    await expect(states({ labels: [1], firstImage: -1 })).rejects.toThrow('firstImage is -1; expected an integer');
  });

  test('visits as few timesteps as it is told, evenly spaced', async () => {
    const visited = async (options: Partial<SampleOptions>, from = pipeline): Promise<number[]> => {
      const timesteps: number[] = [];
      for await (const { timestep } of from.sample({ labels: [1], ...options })) timesteps.push(timestep);
      return timesteps;
    };
    expect(await visited({})).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await visited({ samplingSteps: 4 })).toEqual([10, 7, 4, 1, 0]);
    const brief = new DiffusionPipeline(pipeline.runtime, { ...tinyModel(), samplingSteps: 2 });
    expect(await visited({}, brief)).toEqual([10, 1, 0]);
    expect(await visited({ samplingSteps: 0 }, brief)).toHaveLength(11);
    await expect(visited({ samplingSteps: 11 })).rejects.toThrow(
      'timesteps to choose from 1..10 must be an integer from 1 to 10, got 11',
    );
    await brief.dispose();
  });

  test('a network that predicts the image is sampled through the noise that follows from it', async () => {
    const byImage = new DiffusionPipeline(pipeline.runtime, { ...tinyModel(), prediction: 'x0' });
    const x = { shape: [2, 1, 8, 8], data: new NoiseSource(1, 0, 2, PIXELS).next() } as const;
    const given = [x, Float32Array.of(3, 10), Int32Array.of(2, NULL_LABEL)] as const;
    const raw = await pipeline.network(...given);
    const expected = raw.map((x0, i) => {
      const kept = pipeline.schedule.alphasCumprod[(given[1][Math.floor(i / PIXELS)] as number) - 1] as number;
      return ((x.data[i] as number) - Math.sqrt(kept) * x0) / Math.sqrt(1 - kept);
    });
    const predict = asEpsilon(byImage.network, byImage.prediction, byImage.schedule);
    expect(await predict(...given)).toBeCloseToTensor(expected, { rtol: 1e-5, atol: 1e-5 });
    await byImage.dispose();
  });

  test('is guided as the model was configured unless asked otherwise', async () => {
    const strong = new DiffusionPipeline(pipeline.runtime, { ...tinyModel(), guidanceWeight: 3 });
    const image = (from: DiffusionPipeline, omega?: number) =>
      from
        .generate({ labels: [4], ...(omega === undefined ? {} : { guidanceWeight: omega }) })
        .then(({ images }) => images);
    expect(await image(strong)).toEqual(await image(pipeline, 3));
    expect(await image(strong, 0)).toEqual(await image(pipeline, 0));
    expect(await image(pipeline)).toEqual(await image(pipeline, 0.2));
    expect(await image(strong)).not.toEqual(await image(pipeline));
    await strong.dispose();
  });

  test('another seed, label or omega gives another image', async () => {
    const base = { labels: [4], guidanceWeight: 0.5, seed: 0 };
    const image = imagesAt(await states(base), 0);
    for (const change of [{ seed: 1 }, { labels: [5] }, { guidanceWeight: 1 }, { labels: [NULL_LABEL] }]) {
      expect(imagesAt(await states({ ...base, ...change }), 0)).not.toEqual(image);
    }
  });

  test('generate returns the last state as bytes', async () => {
    const options = { labels: [1, NULL_LABEL, 2], seed: 3, batchSize: 2 };
    const { images, labels, count, height, width } = await pipeline.generate(options);
    const expected = [...imagesAt(await states(options), 0)].map((value) =>
      Math.round(Math.min(255, Math.max(0, (value + 1) * 127.5))),
    );
    expect({ count, height, width, labels: [...labels] }).toEqual({
      count: 3,
      height: 8,
      width: 8,
      labels: [1, NULL_LABEL, 2],
    });
    expect([...images]).toEqual(expected);
  });

  test.each([
    [{ labels: [0, 10] }, 'label is 10; expected 0..9, the classes of this model, or -1 for no class.'],
    [{ labels: [1.5] }, 'label is 1.5'],
    [{ labels: [1], guidanceWeight: -0.1 }, 'omega must be a number from 0 to 1000, got -0.1'],
    [{ labels: [1], guidanceWeight: 1e38 }, 'The guidance weight omega must be a number from 0 to 1000, got 1e+38.'],
    [{ labels: [1], guidanceWeight: NaN }, 'got NaN'],
    [{ labels: [1], seed: -1 }, 'seed is -1; expected an integer from 0 to 2^53-1.'],
    [{ labels: [1], seed: 0.5 }, 'seed is 0.5'],
    [{ labels: [1], batchSize: 257 }, 'batchSize is 257; expected an integer from 1 to 256.'],
    [{ labels: [1], batchSize: 0 }, 'batchSize is 0'],
    [{ labels: [1], sampler: 'euler' as 'ddim' }, 'sampler is euler; expected one of ddpm, ddim,'],
    [{ labels: [1], spacing: 'evn' as 'even' }, 'spacing is evn; expected one of even, trailing,'],
  ])('refuses %j', async (options, message) => {
    const attempt = pipeline.generate(options);
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(message);
  });
});

describe('loading', () => {
  test('a run folder and its checkpoint file give the averaged weights, or on request the last ones', async () => {
    const file = writeTinyRun(join(folder, 'run'));
    const { state } = tinyCheckpoint();
    for (const path of [join(folder, 'run'), file]) {
      const averaged = await DiffusionPipeline.load(path, { threads: 1 });
      expect(averaged.parameters).toEqual(state.ema);
      expect(averaged.origin).toEqual({ step: 7, averaged: true });
      expect(averaged.guidanceWeight).toBe(0.4);
      expect(averaged.schedule.timesteps).toBe(TINY_TIMESTEPS);
      const last = await DiffusionPipeline.load(path, { threads: 1, ema: false });
      expect(last.parameters).toEqual(state.parameters);
    }
  });

  test('a damaged checkpoint is refused, or the previous one used and said so', async () => {
    const run = join(folder, 'damaged');
    const file = writeTinyRun(run);
    writeFileSync(file, 'not a checkpoint');
    await expect(DiffusionPipeline.load(run)).rejects.toThrow(CheckpointError);
    const previous = writeTinyRun(join(folder, 'intact'));
    copyFileSync(previous, join(run, 'checkpoint.previous.safetensors'));
    const messages: string[] = [];
    const loaded = await DiffusionPipeline.load(run, { threads: 1, onMessage: (text) => messages.push(text) });
    expect(loaded.parameters).toEqual(tinyCheckpoint().state.ema);
    expect(messages.join()).toContain('checkpoint.previous.safetensors instead, of step 7');
  });

  test('a device that is not there is refused before anything is read', async () => {
    const nothing = join(folder, 'nothing');
    const refused = async (device: string) => DiffusionPipeline.load(nothing, { device: device as 'cpu' });
    await expect(refused('auto')).rejects.toThrow(ConfigError);
    await expect(refused('auto')).rejects.toThrow(
      'DiffusionPipeline.load: "options.device" is "auto"; expected one of cpu, wasm, webgpu; only a worker',
    );
    await expect(refused('wasm')).rejects.toThrow("the device 'wasm' is one of browsers");
  });

  test('a path without a checkpoint is named', async () => {
    await expect(DiffusionPipeline.load(join(folder, 'nothing'))).rejects.toThrow(/nothing: no such checkpoint/);
  });
});
