import { z } from 'zod';
import { labelDropoutUnits } from '../diffusion/label-dropout.js';
import { lossNames } from './loss-names.js';
import { lossWeightings } from '../diffusion/loss-weighting.js';
import { createNoiseSchedule, noiseScheduleNames } from '../diffusion/noise-schedule.js';
import { predictionTypes } from '../diffusion/prediction.js';
import { timestepSamplings } from '../diffusion/timestep-sampling.js';
import { backgroundPattern, colorModes, pictureFits } from '../data/picture-options.js';
import { parseJson } from '../formats/parse-json.js';
import { ConfigError } from '../utils/errors.js';

const count = () => z.int().positive();
const countOrNone = () => z.int().nonnegative();
const seed = () => z.int().nonnegative();

/**
 * Everything that decides a training run. The defaults are the paper's configuration; the command line flags, the
 * validation of configuration files and the saved `config.json` are all derived from this schema.
 */
export const trainConfigSchema = z.strictObject({
  model: z
    .enum(['paper-unet', 'modern-unet'])
    .default('paper-unet')
    .describe(
      "network architecture: the paper's, or residual blocks with group normalisation, scale-and-shift conditioning and attention",
    ),
  channels: z
    .array(count())
    .min(2)
    .max(5)
    .default([64, 128, 256])
    .describe('channels of the contracting blocks, outermost first, then of the bottleneck'),
  blocks: z
    .array(count())
    .min(2)
    .max(5)
    .default([1, 1, 2])
    .describe('modern-unet: residual blocks of each level, outermost first, each way; then of the bottleneck'),
  attention: z
    .enum(['none', 'bottleneck'])
    .default('bottleneck')
    .describe('modern-unet: whether pixels attend to each other at the lowest resolution'),
  patchSize: z
    .int()
    .min(1)
    .max(2)
    .default(1)
    .describe('2 folds 2x2 pixels into channels: a quarter of the work per image, and a wider view'),

  timesteps: z.int().min(2).max(50_000).default(1000).describe('T, the number of noising steps'),
  schedule: z.enum(noiseScheduleNames).default('linear').describe('noise schedule (the betas)'),
  rescaleBetas: z
    .boolean()
    .default(false)
    .describe(
      'scale the betas of the linear schedule by 1000/T, so that T does not change how much noise there is at T',
    ),
  zeroTerminalSnr: z
    .boolean()
    .default(false)
    .describe('change the schedule so that x_T is pure noise, as sampling assumes; not for prediction epsilon'),
  prediction: z
    .enum(predictionTypes)
    .default('epsilon')
    .describe('what the network predicts: the noise, the clean image or the velocity'),
  timestepSampling: z
    .enum(timestepSamplings)
    .default('uniform')
    .describe('how often each timestep is trained: all alike, or those in the middle more (Esser et al. 2024)'),
  loss: z.enum(lossNames).default('l1').describe('distance between the target and its prediction'),
  huberDelta: z
    .number()
    .positive()
    .default(1)
    .describe('where the loss huber turns from a parabola into a line (1: for images in [-1, 1] it is almost l2)'),
  lossWeighting: z
    .enum(lossWeightings)
    .default('constant')
    .describe(
      'how much each timestep counts: what the network predicts alike, or the image by min(SNR, 5) (Hang et al. 2023) or ' +
        'as in EDM (Karras et al. 2022)',
    ),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0)
    .describe('modern-unet: probability with which an activation inside a residual block is dropped in training'),
  labelDropout: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('probability with which an image is trained without its label (for classifier-free guidance)'),
  labelDropoutPer: z
    .enum(labelDropoutUnits)
    .default('image')
    .describe("one coin for each image, or one for the whole batch, as in the paper's published program"),

  steps: count().default(100_000).describe('training steps in all'),
  batchSize: count().max(65_536).default(32).describe('images per step'),
  learningRate: z.number().positive().default(1e-4).describe("Adam's step size, after the warm-up"),
  warmupSteps: countOrNone().default(0).describe('steps over which the learning rate grows linearly to its full value'),
  learningRateDecay: z
    .enum(['none', 'cosine'])
    .default('none')
    .describe('after the warm-up: keep the learning rate, or let it fall to zero at the last step as half a cosine'),
  adamBeta1: z.number().min(0).lt(1).default(0.9).describe("decay of Adam's first moment"),
  adamBeta2: z.number().min(0).lt(1).default(0.999).describe("decay of Adam's second moment"),
  adamEpsilon: z.number().min(1e-30).default(1e-8).describe("Adam's epsilon; far smaller ones are zero in float32"),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe('every step multiplies the weights by 1 - learning rate * this (AdamW); 0: plain Adam'),
  gradientClip: z
    .number()
    .min(0)
    .default(0)
    .describe('gradients with a larger Euclidean norm are scaled down to it; 0: none is'),
  emaDecay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.999)
    .describe('decay of the averaged weights that are sampled from; after k steps at most (1+k)/(10+k)'),
  initialWeights: z
    .string()
    .min(1)
    .optional()
    .describe(
      'begin with the averaged weights of this run folder, checkpoint, exported model or model of the package (modern, quick, ' +
        'paper), of the same network and prediction, to train it further or on other images; without it: random ones',
    ),
  seed: seed()
    .default(0)
    .describe('seed of the initial weights where they are random, the order of the data, the timesteps and the noise'),

  device: z.enum(['cpu', 'webgpu']).default('cpu').describe('where the graph runs'),
  threads: countOrNone()
    .max(1024)
    .default(0)
    .describe('intra-op threads; 0: one per physical core the process may use'),
  data: z
    .string()
    .min(1)
    .optional()
    .describe(
      'folder of pictures, with one subfolder for each class or none; folder with IDX files; .npz file; CIFAR files; or embedded ' +
        'for the 10,000 digits that come along; without it: the usual places (see the README)',
    ),
  offline: z.boolean().default(false).describe('never download data'),
  imageSize: z
    .int()
    .min(8)
    .max(128)
    .optional()
    .describe(
      'resize images to squares of this side; without it: their own size, and 32 for pictures that have not all one of 8 to 128',
    ),
  fit: z
    .enum(pictureFits)
    .default('crop')
    .describe(
      'images to be resized that are no squares: cut the middle out, pad them with the background, or stretch them',
    ),
  color: z
    .enum(colorModes)
    .default('auto')
    .describe('train in gray or in rgb; auto: as the images are, rgb if any picture has colour'),
  background: z
    .string()
    .regex(backgroundPattern, 'Expected black, white, gray, or a colour such as #ff8800')
    .default('black')
    .describe('pictures: what is behind transparent pixels and around padded ones: black, white, gray or #rrggbb'),
  flip: z
    .boolean()
    .default(false)
    .describe('turn every other image left to right, anew in each step: not for what has a handedness, as digits have'),
  skipBroken: z.boolean().default(false).describe('pictures: leave out files that cannot be read, instead of stopping'),

  logEvery: count().default(10).describe('steps between two lines of metrics.jsonl'),
  checkpointEvery: count().default(500).describe('steps between two checkpoints'),
  sampleEvery: countOrNone()
    .default(10_000)
    .describe(
      'steps between two sample grids; 0: none. A grid costs T evaluations of the network on its images, or samplingSteps',
    ),
  samplesPerClass: count().default(2).describe('images of each class in a sample grid'),
  samplingSteps: countOrNone()
    .default(0)
    .describe('how many of the T timesteps sampling visits, evenly spaced; 0: all of them, as Algorithm 2 does'),
  guidanceWeight: z.number().min(0).default(0.2).describe('omega of the sample grids; 0 samples without guidance'),
  maxMinutes: z
    .number()
    .min(0)
    .default(0)
    .describe(
      "stop with a checkpoint after so many minutes, even if steps remain; 0: no limit. A preset's limit holds for its own number of steps",
    ),
});

/** A complete, validated training configuration. */
export type TrainConfig = z.infer<typeof trainConfigSchema>;

/** The fields that are paths on the machine that trains. */
export const pathFields = ['data', 'initialWeights'] as const satisfies readonly (keyof TrainConfig)[];

/** Named starting points for a training run, as differences from the defaults. */
export const trainPresets = {
  /** The paper's configuration: 1,889,857 parameters, 100K steps. */
  paper: {},
  /** A quarter of the work per image, for a first result within minutes on two cores. */
  quick: {
    channels: [64, 128],
    patchSize: 2,
    timesteps: 500,
    schedule: 'cosine',
    // Predicting the image shows digits after a tenth of the steps that predicting the noise takes.
    prediction: 'x0',
    loss: 'l2',
    labelDropout: 0.1,
    steps: 3000,
    learningRate: 3e-3,
    warmupSteps: 50,
    learningRateDecay: 'cosine',
    emaDecay: 0.995,
    checkpointEvery: 250,
    sampleEvery: 0,
    samplingSteps: 100,
    guidanceWeight: 1,
    maxMinutes: 3.3, // unless somebody asks for a number of steps
  },
  /** Residual blocks on 2x2 patches: the best digits per minute of training and of sampling (docs/results/quality.md). */
  modern: {
    model: 'modern-unet',
    channels: [64, 128],
    blocks: [1, 2],
    patchSize: 2,
    timesteps: 1000,
    schedule: 'cosine',
    prediction: 'x0',
    loss: 'l2',
    labelDropout: 0.1,
    steps: 100_000,
    batchSize: 64,
    learningRate: 1e-3,
    warmupSteps: 500,
    learningRateDecay: 'cosine',
    weightDecay: 0.01,
    gradientClip: 1,
    emaDecay: 0.9995,
    samplingSteps: 50,
    guidanceWeight: 0.5,
  },
} satisfies Record<string, Partial<TrainConfig>>;

/** The name of one of `trainPresets`. */
export type TrainPreset = keyof typeof trainPresets;

/**
 * Puts a training configuration together: defaults, then the preset, then `layers` from left to right
 * (a configuration file, command line flags); a later value replaces an earlier one. The time limit of a preset goes with its
 * own number of steps: a layer that sets `steps` and not `maxMinutes` trains them all.
 *
 * @throws ConfigError for an unknown preset, an unknown field or an invalid value, naming what would be valid
 */
export function resolveTrainConfig(preset: string, ...layers: readonly object[]): TrainConfig {
  if (!Object.hasOwn(trainPresets, preset)) {
    throw new ConfigError(`Unknown preset "${preset}". Presets: ${Object.keys(trainPresets).join(', ')}.`);
  }
  const wanted = Object.assign({}, ...layers) as object;
  const unlimited = Object.hasOwn(wanted, 'steps') ? { maxMinutes: 0 } : {};
  return parseTrainConfig({ ...trainPresets[preset as TrainPreset], ...unlimited, ...wanted });
}

/**
 * Checks the fields one by one and against each other: what would fail only after hours of training fails now.
 *
 * @param origin what the value is or where it comes from, for errors of single fields
 * @throws ConfigError
 */
export function parseTrainConfig(value: unknown, origin = 'training configuration'): TrainConfig {
  const config = parseConfig(trainConfigSchema, value, origin);
  if (config.samplingSteps > config.timesteps) {
    throw new ConfigError(
      `training configuration: "samplingSteps" is ${config.samplingSteps}, but there are only ${config.timesteps} ` +
        'timesteps to visit. Lower it, or set it to 0 for all of them.',
    );
  }
  if (config.guidanceWeight > 0 && (config.labelDropout === 0 || config.labelDropout === 1)) {
    throw new ConfigError(
      `training configuration: "guidanceWeight" is ${config.guidanceWeight}, but with "labelDropout" ${config.labelDropout} ` +
        `the network never learns to predict ${config.labelDropout === 0 ? 'without' : 'with'} a label. ` +
        'Set "guidanceWeight" to 0, or "labelDropout" between 0 and 1.',
    );
  }
  createNoiseSchedule(config.schedule, config.timesteps, config);
  if (config.zeroTerminalSnr && config.prediction === 'epsilon') {
    throw new ConfigError(
      'training configuration: "zeroTerminalSnr" leaves nothing of the image at T, where a network that predicts the noise ' +
        'says nothing about the image. Set "prediction" to x0 or v.',
    );
  }
  if (config.model === 'modern-unet') checkModernUNet(config);
  else if (config.dropout > 0) {
    throw new ConfigError(`training configuration: "dropout" is ${config.dropout}, but ${config.model} has none.`);
  }
  return config;
}

function checkModernUNet({ channels, blocks }: TrainConfig): void {
  if (blocks.length !== channels.length) {
    throw new ConfigError(
      `training configuration: "blocks" has ${blocks.length} numbers and "channels" ${channels.length}; ` +
        'give both one for each level, the bottleneck last.',
    );
  }
  const odd = channels.find((each) => each % 8 !== 0);
  if (odd !== undefined) {
    throw new ConfigError(
      `training configuration: "channels" has ${odd}; modern-unet normalises in 8 groups and needs multiples of 8.`,
    );
  }
}

/**
 * Validates `value` against a configuration schema and fills in the defaults.
 *
 * @param origin what the value is or where it comes from, for the error
 * @throws ConfigError with one sentence per problem
 */
export function parseConfig<S extends z.ZodObject>(schema: S, value: unknown, origin: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describeIssue(issue, Object.keys(schema.shape)));
  throw new ConfigError(`${origin}: ${problems.join(' ')}`);
}

/**
 * Reads the text of a JSON configuration file into a layer for `resolveTrainConfig`.
 *
 * @throws ConfigError when the text is not JSON, not an object, or has unknown fields or invalid values
 */
export function parseTrainConfigFile(text: string, path: string): Partial<TrainConfig> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ConfigError(`${path}: not a JSON file (${(error as Error).message}).`);
  }
  parseConfig(trainConfigSchema, value, path);
  return value as Partial<TrainConfig>;
}

function describeIssue(issue: z.core.$ZodIssue, fields: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => `"${key}"`).join(', ');
    return `unknown field ${unknown}. Fields: ${fields.join(', ')}.`;
  }
  const where = issue.path.join('.');
  return `${where === '' ? '' : `"${where}": `}${issue.message}.`;
}
