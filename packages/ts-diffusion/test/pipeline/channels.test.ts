import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createDataset } from '../../src/data/dataset.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { ImageAnimation } from '../../src/pipeline/animation.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import { FilmStrip } from '../../src/pipeline/film-strip.js';
import type { PipelineState } from '../../src/pipeline/run-plan.js';
import type { Runtime } from '../../src/runtime/types.js';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import { train } from '../../src/training/training-run.js';
import { encodeGif } from '../../src/utils/gif.js';
import { imageGrid } from '../../src/utils/image-grid.js';
import { interleaved, type Channels } from '../../src/utils/interleaved.js';
import { encodePng } from '../../src/utils/png.js';
import { temporaryFolder } from '../training/folders.js';

const inFolder = temporaryFolder();
const COUNT = 6;
const STEPS = 3;
const options = { seed: 2, samplingSteps: STEPS, sampler: 'ddim', spacing: 'even' } as const;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createNodeRuntime({ threads: 1 });
});

/** Each channel of each image has a gray value of its own. */
const valueOf = (image: number, channel: number): number => 10 + 40 * channel + 5 * image;

function flatImages(channels: number, size: number) {
  const plane = size ** 2;
  const data = Uint8Array.from({ length: COUNT * channels * plane }, (_, i) =>
    valueOf(Math.floor(i / (channels * plane)), Math.floor(i / plane) % channels),
  );
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % 2);
  return createDataset({ shape: [COUNT, channels, size, size], data }, { shape: [COUNT], data: labels }, 'flat images');
}

const config = (size: number) =>
  resolveTrainConfig('paper', {
    ...{ model: 'modern-unet', channels: [16, 16], blocks: [1, 1], patchSize: 4, prediction: 'x0', loss: 'l2' },
    ...{ attentionResolutions: [size / 4, size / 8], attentionHeads: 2, timesteps: 10, labelDropout: 0.3 },
    ...{ steps: 2, batchSize: 4, learningRate: 1e-3, sampleEvery: 0, threads: 1 },
  });

async function trained(channels: number, size: number): Promise<string> {
  const settings = config(size);
  const folder = RunFolder.create(inFolder('run'), settings);
  try {
    for await (const event of train({
      config: settings,
      dataset: flatImages(channels, size),
      runtime,
      store: folder,
    })) {
      if (event.type === 'step') expect(event.loss).toBeGreaterThan(0);
    }
    return folder.path;
  } finally {
    folder.close();
  }
}

/** Where the channels of an image are among those that sharp decodes, which makes gray RGB. */
const decodedChannels: Readonly<Record<Channels, readonly number[]>> = {
  1: [0],
  2: [0, 3],
  3: [0, 1, 2],
  4: [0, 1, 2, 3],
};

const cases = [32, 64].flatMap((size) => ([1, 2, 3, 4] as const).map((channels) => [channels, size] as const));
describe.each(cases)('%d channels of %d pixels, in patches of 4 with attention at both levels', (channels, size) => {
  const length = channels * size ** 2;

  test('train, sample, complete, interpolate, guide, show and export', async () => {
    const path = await trained(channels, size);
    const pipeline = await DiffusionPipeline.load(path, { threads: 1 });
    expect(pipeline.model).toMatchObject({ imageChannels: channels, imageSize: size, patchSize: 4, attentionHeads: 2 });

    // Sampling, with a film strip and an animation of its states.
    const strip = new FilmStrip(2, length, [10, 0]);
    const animation = new ImageAnimation(2, length, 2);
    const onState = (state: PipelineState): void => {
      strip.add(state);
      animation.add(state);
    };
    const sampled = await pipeline.generate({ ...options, labels: [0, 1] }, { onState });
    expect([sampled.channels, sampled.height, sampled.width]).toEqual([channels, size, size]);
    expect(sampled.images).toHaveLength(2 * length);
    expect(strip.frames.subarray(length, 2 * length)).toEqual(sampled.images.subarray(0, length));
    expect(animation.frames.at(-1)).toEqual(sampled.images);

    // Every channel of a picture file is that of the image.
    const grid = imageGrid(sampled.images, sampled, 2, 0);
    const file = encodePng(grid.data, grid.width, grid.height, grid.channels);
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([2 * size, size, channels % 2 === 0 ? 4 : 3]);
    const pixels = interleaved(sampled.images.subarray(0, length), channels);
    for (let i = 0; i < size * channels; i++) {
      const [pixel, channel] = [Math.floor(i / channels), i % channels];
      const at = pixel * info.channels + (decodedChannels[channels][channel] ?? NaN);
      expect(data[at]).toBe(pixels[i]);
    }
    const frames = animation.frames.map((frame) => ({ ...imageGrid(frame, sampled, 2, 0), delay: 50 }));
    const gif = await sharp(await encodeGif(frames), { animated: true }).metadata();
    expect([gif.width, gif.pageHeight, gif.pages]).toEqual([2 * size, size, 2]);

    // What is known stays, in every channel.
    const { images: known } = flatImages(channels, size);
    const mask = Uint8Array.from({ length: size ** 2 }, (_, i) => Number(i % size < size / 2));
    const completed = await pipeline.inpaint({ ...options, labels: [0], images: known.subarray(0, length), mask });
    for (let i = 0; i < length; i++) {
      if (mask[i % size ** 2] === 0) expect(completed.images[i]).toBe(valueOf(0, Math.floor(i / size ** 2)));
    }
    expect(completed.images).not.toEqual(known.subarray(0, length));

    // The ends of an interpolation are the images of their noise.
    const noiseOf = (index: number) => pipeline.initialNoise(options.seed, index);
    const between = await pipeline.interpolate({
      ...options,
      from: { label: 0, noise: noiseOf(0) },
      to: { label: 1, noise: noiseOf(1) },
      frames: 3,
    });
    expect(between.images.subarray(0, length)).toEqual(sampled.images.subarray(0, length));
    expect(between.images.subarray(2 * length)).toEqual(sampled.images.subarray(length));

    // A guidance map: other weights, other images.
    const [unguided, guided] = [
      await pipeline.generate({ ...options, labels: [1], guidanceWeight: 0 }),
      await pipeline.generate({ ...options, labels: [1], guidanceWeight: 4 }),
    ];
    expect(guided.images).not.toEqual(unguided.images);
    expect(guided.images).toHaveLength(length);

    // Exported and loaded: the same images.
    const exported = exportModelFiles(pipeline).safetensors;
    await pipeline.dispose();
    const loaded = await DiffusionPipeline.load(exported, { threads: 1 });
    expect((await loaded.generate({ ...options, labels: [0, 1] })).images).toEqual(sampled.images);
    await loaded.dispose();
  });
});
