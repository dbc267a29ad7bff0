import { NULL_LABEL } from '../diffusion/denoiser.js';
import { addNoise } from '../diffusion/forward-process.js';
import { createNoiseSchedule } from '../diffusion/noise-schedule.js';
import { denoiserParameters, type Architecture } from '../models/denoiser-network.js';
import type { Runtime } from '../runtime/types.js';
import { initialState } from '../training/optimizer-session.js';
import { TrainSession, type TrainSessionOptions } from '../training/train-session.js';
import { Purpose, RandomStream } from '../utils/random.js';
import { CompiledDenoiser } from '../pipeline/compiled-denoiser.js';
import { choice, floats, listOf, signature } from '../utils/arguments.js';
import { runtime } from '../utils/argument-shapes.js';

const images = { imageSize: 8, classes: 10, imageChannels: 1 };
const BATCH = 4;
const STEPS = 3;
const TIMESTEPS = 100;
const LEARNING_RATE = 1e-3;
const SEED = 0;

/** A tiny one of each network, together with every operator that training options bring in. */
const sessions: Readonly<Record<Architecture, TrainSessionOptions>> = {
  'paper-unet': {
    model: { architecture: 'paper-unet', ...images, channels: [4, 8, 16], timeEmbedding: 32 },
    batchSize: BATCH,
    loss: 'l1',
  },
  'modern-unet': {
    model: {
      architecture: 'modern-unet',
      ...images,
      channels: [16, 16],
      blocks: [1, 2],
      attention: 'bottleneck',
      patchSize: 2,
      timeEmbedding: 8,
    },
    batchSize: BATCH,
    loss: 'huber',
    dropout: { probability: 0.1, seed: SEED },
    weightDecay: 0.1,
    gradientClip: 0.1,
    // Attention does not depend on the bias of its keys: without this, Adam would make whole steps of rounding errors.
    epsilon: 1e-3,
  },
  unet2d: {
    model: {
      architecture: 'unet2d',
      ...images,
      classEmbedding: 'table',
      nullClass: true,
      channels: [8, 16],
      downBlocks: ['residual', 'attention'],
      upBlocks: ['attention', 'residual'],
      layersPerBlock: 1,
      midAttention: true,
      midScale: 1,
      headChannels: 8,
      normGroups: 4,
      midNormGroups: null,
      normEpsilon: 1e-5,
      timeEmbedding: 'sinusoidal',
      cosinesFirst: true,
      frequencyShift: 0,
      timeConditioning: 'scale-shift',
      downsamplePadding: 1,
      downsampling: 'conv',
      upsampling: 'resnet',
      centersInput: false,
    },
    batchSize: BATCH,
    loss: 'l2',
    dropout: { probability: 0.1, seed: SEED },
    epsilon: 1e-3,
  },
};

const everyArchitecture = Object.keys(sessions) as Architecture[];

const trainTinyStepsArguments = signature('trainTinySteps', {
  runtime,
  architectures: listOf(choice(everyArchitecture), `an array of ${everyArchitecture.join(', ')}`),
});

/**
 * Trains a tiny network of each architecture (8x8 images, batch 4) for three steps from fixed weights on fixed random
 * images. Every device must arrive at the same parameters up to float32 rounding; Adam moves each parameter by up to about
 * the learning rate, 1e-3, per step, so a wrong gradient shows as a difference of that size.
 *
 * @param architectures which of them; all unless given
 * @returns the parameters of all after the last step
 */
export async function trainTinySteps(
  runtime: Runtime,
  architectures: readonly Architecture[] = everyArchitecture,
): Promise<Float32Array> {
  trainTinyStepsArguments({ runtime, architectures });
  const trained: Float32Array[] = [];
  for (const architecture of architectures) trained.push(await trainSteps(runtime, sessions[architecture]));
  return Float32Array.from(trained.flatMap((parameters) => Array.from(parameters)));
}

/**
 * What a tiny network with fixed random weights, none of them zero, predicts for fixed random images [4, 1, 8, 8]: all that
 * sampling asks of a device. The values are of the order of 1.
 */
export async function predictTinyImages(runtime: Runtime, architecture: Architecture): Promise<Float32Array> {
  const { model } = sessions[architecture];
  const parameters = denoiserParameters(model).initialise(SEED);
  const random = new RandomStream(SEED, Purpose.initialisation);
  // Some layers begin at zero, and would hide what those before them compute.
  for (let i = 0; i < parameters.length; i++) parameters[i] = (parameters[i] as number) + 0.6 * random.uniform() - 0.3;
  const { noisyImages } = tinyBatch(0);
  // Both ends, and an image without a class between two with one.
  const timesteps = Float32Array.of(1, 21, 80, TIMESTEPS);
  const labels = Int32Array.of(0, NULL_LABEL, images.classes - 1, 5);
  const shape = [BATCH, images.imageChannels, images.imageSize, images.imageSize] as const;
  const denoiser = new CompiledDenoiser(runtime, model, parameters);
  try {
    return await denoiser.network({ shape, data: noisyImages }, timesteps, labels);
  } finally {
    await denoiser.dispose();
  }
}

async function trainSteps(runtime: Runtime, options: TrainSessionOptions): Promise<Float32Array> {
  const session = await TrainSession.create(runtime, options);
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
  const pixels = images.imageSize ** 2;
  const stream = new RandomStream(SEED, Purpose.trainingBatch, step);
  const x0 = Float32Array.from({ length: BATCH * pixels }, () => 2 * stream.uniform() - 1);
  const timesteps = Float32Array.from({ length: BATCH }, () => 1 + stream.integer(TIMESTEPS));
  const labels = Int32Array.from({ length: BATCH }, () => stream.integer(images.classes + 1) - 1);
  const noise = new Float32Array(x0.length);
  stream.fillNormal(noise);
  const noisyImages = addNoise(createNoiseSchedule('linear', TIMESTEPS), x0, timesteps, noise, pixels);
  return { noisyImages, timesteps, labels, target: noise };
}

const maximumDifferenceArguments = signature('maximumDifference', { a: floats, b: floats });

/** The largest absolute difference between two vectors of one length; NaN where either is not a number. */
export function maximumDifference(a: Float32Array, b: Float32Array): number {
  maximumDifferenceArguments({ a, b });
  let largest = 0;
  for (const [i, value] of a.entries()) {
    const difference = Math.abs(value - (b[i] as number));
    if (!(difference <= largest)) largest = difference;
    if (Number.isNaN(largest)) return NaN;
  }
  return largest;
}
