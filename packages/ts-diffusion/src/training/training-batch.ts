import type { TrainConfig } from './config.js';
import { balancedBatchIndices, batchIndices } from '../data/batches.js';
import { toModelRange } from '../utils/pixel-range.js';
import { imageAt, imageLength, type TrainingImages } from '../data/dataset.js';
import { dropLabels } from '../diffusion/label-dropout.js';
import { lossWeights } from '../diffusion/loss-weighting.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import { noisyImages as noised, predictionTarget } from '../diffusion/prediction.js';
import { drawTimesteps } from '../diffusion/timestep-sampling.js';
import { Purpose, RandomStream } from '../utils/random.js';
import type { TrainBatch } from './train-session.js';

/** The large arrays of a batch [B, C, H, W]. A run makes them once: new ones at each step would keep its memory growing. */
export interface BatchBuffers {
  readonly x0: Float32Array;
  readonly noise: Float32Array;
  readonly noisyImages: Float32Array;
  /** One image [C, H, W], 0..255. */
  readonly bytes: Uint8Array;
}

/** @param pixels C · H · W */
export function createBatchBuffers(batchSize: number, pixels: number): BatchBuffers {
  const values = batchSize * pixels;
  return {
    bytes: new Uint8Array(pixels),
    x0: new Float32Array(values),
    noise: new Float32Array(values),
    noisyImages: new Float32Array(values),
  };
}

/** What of a configuration decides what a batch is. */
type BatchConfig = Pick<
  TrainConfig,
  'seed' | 'batchSize' | 'labelDropout' | 'labelDropoutPer' | 'prediction' | 'timestepSampling' | 'lossWeighting'
> &
  Partial<Pick<TrainConfig, 'logitMean' | 'logitStd'>>;

/**
 * Lines 2 to 5 of Algorithm 1 for one batch: a pure function of (seed, number), so that a resumed run draws what an
 * uninterrupted one would have drawn.
 *
 * @param number 1-based: the step of a training without replicas
 * @param buffers where the batch is put; it is valid until they are used again. New ones unless given
 */
export function trainingBatch(
  dataset: TrainingImages,
  schedule: NoiseSchedule,
  config: BatchConfig & Partial<Pick<TrainConfig, 'flip' | 'classBalance'>>,
  number: number,
  buffers = createBatchBuffers(config.batchSize, imageLength(dataset)),
): TrainBatch {
  const { seed, batchSize, flip = false, classBalance = false } = config;
  const indices = classBalance
    ? balancedBatchIndices(seed, number - 1, batchSize, dataset.labels)
    : batchIndices(seed, number - 1, batchSize, dataset.count);
  const random = new RandomStream(seed, Purpose.trainingBatch, number);
  const flips = flip ? new RandomStream(seed, Purpose.flip, number) : undefined;
  return noisyBatch(dataset, indices, schedule, config, { random, flips }, buffers);
}

/**
 * These images with noise at random timesteps, as training draws them.
 *
 * @param indices [B] into the data set
 * @param flips turns half of the images left to right, where it is given
 * @param buffers where the batch is put
 */
export function noisyBatch(
  dataset: TrainingImages,
  indices: Uint32Array,
  schedule: NoiseSchedule,
  config: BatchConfig,
  { random, flips }: { readonly random: RandomStream; readonly flips?: RandomStream | undefined },
  buffers: BatchBuffers,
): TrainBatch {
  const { labelDropout, labelDropoutPer, prediction, lossWeighting } = config;
  const pixels = imageLength(dataset);
  const { x0, noise, noisyImages, bytes } = buffers;

  // 2: x_0, c ~ Dataset; c withheld with probability labelDropout
  indices.forEach((index, i) => {
    toModelRange(imageAt(dataset, index, bytes), x0.subarray(i * pixels, (i + 1) * pixels)); // x_0 [B, C, H, W]
  });
  if (flips) flipSome(x0, pixels, dataset.width, flips);
  const labels = dropLabels(
    Array.from(indices, (index) => dataset.labels[index] as number),
    labelDropout,
    random,
    labelDropoutPer,
  );

  // 3: t ~ Uniform({1, ..., T}), or as configured
  const timesteps = drawTimesteps(config, schedule.timesteps, indices.length, random);

  // 4: ε ~ N(0, I)
  random.fillNormal(noise);

  // 5: x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · ε, or z_s = (1 - s) · x_0 + s · ε for a network that predicts the flow
  noised(prediction, schedule, { x0, noise }, timesteps, pixels, noisyImages);

  // 6: what ε_θ(x_t, t, c) is compared with: ε, unless the network predicts something else
  const target = predictionTarget(prediction, schedule, { x0, noise }, timesteps, pixels);

  const batch = { noisyImages, timesteps, labels, target };
  if (lossWeighting === 'constant') return batch;
  return { ...batch, weights: lossWeights(lossWeighting, prediction, schedule, timesteps) };
}

/** Turns each image [C, H, W] of a batch left to right with probability 1/2. */
function flipSome(x0: Float32Array, pixels: number, width: number, random: RandomStream): void {
  for (let begin = 0; begin < x0.length; begin += pixels) {
    if (random.uniform() < 0.5) continue;
    for (let row = begin; row < begin + pixels; row += width) x0.subarray(row, row + width).reverse();
  }
}
