import { describe, expect, test } from 'vitest';
import { createDataset } from '../../src/data/dataset.js';
import { batchIndices } from '../../src/data/batches.js';
import { toModelRange } from '../../src/utils/pixel-range.js';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { createNoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import { createBatchBuffers, trainingBatch } from '../../src/training/training-batch.js';
import { tinyDataset } from './tiny-run.js';

const dataset = tinyDataset();
const pixels = 64;
const schedule = createNoiseSchedule('linear', 10);
const settings = {
  seed: 3,
  batchSize: 2000,
  prediction: 'epsilon',
  labelDropout: 0.3,
  labelDropoutPer: 'image',
  timestepSampling: 'uniform',
  lossWeighting: 'constant',
} as const;
const batch = trainingBatch(dataset, schedule, settings, 17);

describe('a training batch (Algorithm 1, lines 2 to 5)', () => {
  test('x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · ε for the images of this step', () => {
    const indices = batchIndices(3, 16, 2000, dataset.count);
    const images = toModelRange(dataset.images);
    const expected = batch.noisyImages.map((_, i) => {
      const image = Math.floor(i / pixels);
      const kept = schedule.alphasCumprod[(batch.timesteps[image] as number) - 1] as number;
      const x0 = images[(indices[image] as number) * pixels + (i % pixels)] as number;
      return Math.sqrt(kept) * x0 + Math.sqrt(1 - kept) * (batch.target[i] as number);
    });
    expect(batch.noisyImages).toBeCloseToTensor(expected, { atol: 1e-6 });
  });

  test('timesteps are uniform on 1..T', () => {
    const counts = Array.from({ length: 10 }, (_, i) => batch.timesteps.filter((t) => t === i + 1).length);
    const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    expect(counts.reduce((a, b) => a + b)).toBe(2000);
    expect(chiSquare).toBeLessThan(27.88); // 9 degrees of freedom, p = 0.001
  });

  test('noise is standard normal', () => {
    const mean = batch.target.reduce((a, b) => a + b) / batch.target.length;
    const square = batch.target.reduce((a, b) => a + b * b, 0) / batch.target.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(batch.target.length));
    expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / batch.target.length));
  });

  test('labels are those of the images, withheld with the given probability', () => {
    const indices = batchIndices(3, 16, 2000, dataset.count);
    const kept = [...batch.labels.keys()].filter((i) => batch.labels[i] !== NULL_LABEL);
    for (const i of kept) expect(batch.labels[i]).toBe(dataset.labels[indices[i] as number]);
    expect(Math.abs(kept.length - 1400)).toBeLessThan(4 * Math.sqrt(2000 * 0.3 * 0.7));
  });

  test('with one coin for the batch, all labels are there or none', () => {
    const steps = Array.from({ length: 60 }, (_, step) => {
      const small = { ...settings, batchSize: 10, labelDropoutPer: 'batch' } as const;
      return trainingBatch(dataset, schedule, small, step + 1).labels.filter((label) => label === NULL_LABEL).length;
    });
    expect(new Set(steps)).toEqual(new Set([0, 10]));
  });

  test('another prediction type changes what the network is compared with, and nothing else', () => {
    const images = toModelRange(dataset.images);
    const indices = batchIndices(3, 16, 2000, dataset.count);
    const x0 = batch.target.map(
      (_, i) => images[(indices[Math.floor(i / pixels)] as number) * pixels + (i % pixels)] as number,
    );
    for (const prediction of ['x0', 'v'] as const) {
      const { target, ...rest } = trainingBatch(dataset, schedule, { ...settings, prediction }, 17);
      expect({ ...rest, target: batch.target }).toEqual(batch);
      const expected = x0.map((value, i) => {
        const kept = schedule.alphasCumprod[(batch.timesteps[Math.floor(i / pixels)] as number) - 1] as number;
        return prediction === 'x0'
          ? value
          : Math.sqrt(kept) * (batch.target[i] as number) - Math.sqrt(1 - kept) * value;
      });
      expect(target).toBeCloseToTensor(expected, { atol: 1e-6 });
    }
  });

  test('is a function of seed and step', () => {
    expect(trainingBatch(dataset, schedule, settings, 17)).toEqual(batch);
    expect(trainingBatch(dataset, schedule, settings, 18).target).not.toEqual(batch.target);
    expect(trainingBatch(dataset, schedule, { ...settings, seed: 4 }, 17).target).not.toEqual(batch.target);
  });

  test('is the same in buffers used before, and makes no arrays of that size', () => {
    const buffers = createBatchBuffers(settings.batchSize, pixels);
    trainingBatch(dataset, schedule, settings, 18, buffers);
    const reused = trainingBatch(dataset, schedule, settings, 17, buffers);
    expect(reused).toEqual(batch);
    expect(reused.noisyImages).toBe(buffers.noisyImages);
    expect(reused.target).toBe(buffers.noise);
  });

  test('flip turns about half of the images left to right, all channels alike, and nothing else', () => {
    const colour = createDataset(
      { shape: [40, 3, 2, 4], data: Uint8Array.from({ length: 40 * 24 }, (_, i) => (i * 37) % 251) },
      { shape: [40], data: new Uint8Array(40) },
      'colours',
    );
    const ofX0 = { ...settings, batchSize: 40, prediction: 'x0' } as const;
    const { target: steady, ...rest } = trainingBatch(colour, schedule, ofX0, 3);
    const { target: turned, ...same } = trainingBatch(colour, schedule, { ...ofX0, flip: true }, 3);
    expect([...same.labels, ...same.timesteps]).toEqual([...rest.labels, ...rest.timesteps]);
    let flipped = 0;
    for (let image = 0; image < 40; image++) {
      const [before, after] = [steady, turned].map((all) => [...all.subarray(image * 24, (image + 1) * 24)]);
      const mirrored = Array.from({ length: 24 }, (_, i) => before?.[i - (i % 4) + (3 - (i % 4))]);
      const isFlipped = JSON.stringify(after) !== JSON.stringify(before);
      if (isFlipped) flipped++;
      expect(after).toEqual(isFlipped ? mirrored : before);
    }
    // Binomial(40, 1/2): beyond 3.8 standard deviations otherwise.
    expect(Math.abs(flipped - 20)).toBeLessThanOrEqual(12);
  });
});
