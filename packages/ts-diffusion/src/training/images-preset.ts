import type { TrainConfig } from './config.js';

/** What the preset looks at. */
export interface ImagesToLearn {
  readonly height: number;
  readonly width: number;
  /** Default 1. */
  readonly channels?: number | undefined;
  /** How many images there are. */
  readonly count: number;
}

/** Up to this side on pixels; up to the next in patches of 2; beyond in patches of 4. */
const [LARGEST_ON_PIXELS, LARGEST_IN_TWOS] = [16, 40];
/** Beyond this side there are three levels, and half as many images per step. */
const LARGEST_ON_TWO_LEVELS = 64;
/** Below these numbers of images the network is narrower, drops activations and trains for fewer steps. */
const [VERY_FEW, FEW] = [500, 5000];

/**
 * The preset `images`: the recipe of `modern` with a network for the images at hand, as differences from the defaults.
 *
 * Size. The work of a step grows with the number of positions at which the network computes, and attention at the lowest level
 * with its square. Patches keep both near those of `modern`, whose 28×28 digits are 14×14 and 7×7 positions: 8×8 to 16×16
 * positions at the highest resolution (20×20 at most) up to images of 64×64, 32×32 up to 128×128. There a third level brings the
 * lowest resolution, and with it attention, back to 8×8, and batches of 32 halve the work of a step.
 *
 * Channels. A network that is narrower than its patches cannot give every image: the first level has at least as many channels as
 * a patch has values, 48 for RGB in patches of 4.
 *
 * Number of images. A network that sees the same images hundreds of times learns them by heart. Below 5,000 images it has about
 * half the parameters, below 500 about a quarter (never fewer channels than a patch has values), and dropout (Srivastava 2014) of
 * 0.1 and 0.2; fewer steps are enough, for they still are hundreds of epochs. Images are never flipped unless the user says so:
 * digits, letters and clocks have a handedness.
 *
 * The tests compute the arithmetic of a step; docs/training.md has a table of it.
 *
 * @returns no valid network for sides that it cannot divide (odd ones, say): `modelFor` then names the nearest that work
 */
export function imagesPreset({ height, width, channels = 1, count }: ImagesToLearn): Partial<TrainConfig> {
  const side = Math.max(height, width);
  const patchSize = side <= LARGEST_ON_PIXELS ? 1 : side <= LARGEST_IN_TWOS ? 2 : 4;
  const features = count < VERY_FEW ? 32 : count < FEW ? 48 : 64;
  const isDeep = side > LARGEST_ON_TWO_LEVELS;
  const outer = multipleOf8(Math.max(isDeep ? (3 * features) / 4 : features, channels * patchSize ** 2));
  return {
    model: 'modern-unet',
    channels: isDeep ? [outer, 2 * outer, 2 * Math.max(outer, features)] : [outer, 2 * outer],
    blocks: isDeep ? [1, 1, 2] : [1, 2],
    attention: 'bottleneck',
    patchSize,
    dropout: count < VERY_FEW ? 0.2 : count < FEW ? 0.1 : 0,
    timesteps: 1000,
    schedule: 'cosine',
    prediction: 'x0',
    loss: 'l2',
    labelDropout: 0.1,
    steps: count < VERY_FEW ? 10_000 : count < FEW ? 20_000 : 50_000,
    batchSize: isDeep ? 32 : 64,
    learningRate: 1e-3,
    warmupSteps: 500,
    learningRateDecay: 'cosine',
    weightDecay: 0.01,
    gradientClip: 1,
    // Averages over about a twentieth of the last steps.
    emaDecay: count < FEW ? 0.999 : 0.9995,
    sampleEvery: 1000,
    samplingSteps: 50,
    guidanceWeight: 0.5,
  };
}

/** The next one: networks normalise in 8 groups of channels. */
function multipleOf8(channels: number): number {
  return 8 * Math.ceil(channels / 8);
}
