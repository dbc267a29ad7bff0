import { addNoise } from '../diffusion/forward-process.js';
import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Runtime } from '../runtime/types.js';
import { initialState } from '../training/optimizer-session.js';
import { TrainSession } from '../training/train-session.js';
import { Purpose, RandomStream } from '../utils/random.js';

const model: DenoiserConfig = {
  architecture: 'paper-unet',
  imageSize: 8,
  channels: [4, 8, 16],
  classes: 10,
  imageChannels: 1,
  timeEmbedding: 32,
};
const BATCH = 4;
const STEPS = 3;
const TIMESTEPS = 100;
const LEARNING_RATE = 1e-3;
const SEED = 0;

/**
 * Trains a tiny U-Net (channels [4, 8, 16], 8x8 images, batch 4, L1 loss) for three steps from fixed weights on fixed
 * random images. Every device must arrive at the same parameters up to float32 rounding; Adam moves each parameter by
 * about the learning rate, 1e-3, per step, so a wrong gradient shows as a difference of that size.
 *
 * @returns the flat parameter vector after the last step
 */
export async function trainTinySteps(runtime: Runtime): Promise<Float32Array> {
  const session = await TrainSession.create(runtime, { model, batchSize: BATCH, loss: 'l1' });
  try {
    session.writeState(initialState(session.layout, SEED));
    for (let step = 1; step <= STEPS; step++) {
      await session.step(tinyBatch(step), { step, learningRate: LEARNING_RATE, emaDecay: 0.9 });
    }
    return (await session.readState()).parameters;
  } finally {
    await session.dispose();
  }
}

function tinyBatch(step: number) {
  const pixels = model.imageSize ** 2;
  const stream = new RandomStream(SEED, Purpose.trainingBatch, step);
  const images = Float32Array.from({ length: BATCH * pixels }, () => 2 * stream.uniform() - 1);
  const timesteps = Float32Array.from({ length: BATCH }, () => 1 + stream.integer(TIMESTEPS));
  const labels = Int32Array.from({ length: BATCH }, () => stream.integer(model.classes + 1) - 1);
  const noise = new Float32Array(images.length);
  stream.fillNormal(noise);
  const noisyImages = addNoise(createNoiseSchedule('linear', TIMESTEPS), images, timesteps, noise, pixels);
  return { noisyImages, timesteps, labels, target: noise };
}

/** The largest absolute difference between two vectors of one length; NaN where either is not a number. */
export function maximumDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (const [i, value] of a.entries()) {
    const difference = Math.abs(value - (b[i] as number));
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(largest)) return NaN;
  }
  return largest;
}
