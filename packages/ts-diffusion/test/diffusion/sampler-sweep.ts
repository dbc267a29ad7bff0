import {
  createNoiseSchedule,
  type NoiseSchedule,
  type NoiseScheduleName,
  type NoiseScheduleOptions,
} from '../../src/diffusion/noise-schedule.js';
import type { PredictionType } from '../../src/diffusion/prediction.js';
import { logSnr } from '../../src/diffusion/reverse-transition.js';
import { samplers, type OwnSamplerOptions, type SamplerName } from '../../src/diffusion/samplers/index.js';
import { ownOptions } from '../../src/diffusion/samplers/own-options.js';
import { addsNoise } from '../../src/diffusion/samplers/sampler.js';
import { spacedTimesteps, type TimestepSpacing } from '../../src/diffusion/timestep-spacing.js';
import type { DrawableModel } from '../../src/pipeline/drawable-model.js';
import { planEdit } from '../../src/pipeline/plan-edit.js';
import { planEncoding } from '../../src/pipeline/plan-encoding.js';
import { planInpainting } from '../../src/pipeline/plan-inpainting.js';
import { planInterpolation } from '../../src/pipeline/plan-interpolation.js';
import { planSampling } from '../../src/pipeline/plan-sampling.js';
import { planStates } from '../../src/pipeline/run-plan.js';
import type { SamplingPlan } from '../../src/pipeline/sampling-plan.js';
import { toBytes } from '../../src/utils/pixel-range.js';
import { RandomStream } from '../../src/utils/random.js';
import { constantDistance, distanceToMixture, meanOf, statisticalError } from './mixture-distance.js';
import { gaussian, mixtureDenoiser, predicting, type Mixture } from './mixture.js';

/** The pixels of class 0 are dark or light, those of classes 1 and 2 Gaussian of one deviation; without a class they are as of class 2. */
const dataOfLabel: readonly Mixture[] = [
  [
    { weight: 0.5, mean: -0.6, deviation: 0.1 },
    { weight: 0.5, mean: 0.5, deviation: 0.15 },
  ],
  gaussian(0.5, 0.25),
  gaussian(-0.2, 0.25),
];
const [twoModes = [], , lastData = []] = dataOfLabel;
const standardNormal = gaussian(0, 1);

/** A noise schedule by its name, T and changes. */
export type SweptSchedule = readonly [name: NoiseScheduleName, timesteps: number, changes: NoiseScheduleOptions];

/** What a sweep draws: all combinations of these. */
export interface SweepSettings {
  readonly schedules: readonly SweptSchedule[];
  readonly spacings: readonly TimestepSpacing[];
  readonly steps: readonly number[];
  readonly predictions: readonly PredictionType[];
  readonly tasks: readonly SweepTask[];
  readonly samplers: readonly SamplerName[];
  /** Side of the images; more pixels, less statistical error. */
  readonly imageSize: number;
  readonly seed: number;
}

/** One combination, and how far what it draws is from what it should. */
export interface SweptCell {
  readonly task: SweepTask;
  readonly sampler: string;
  readonly schedule: string;
  readonly prediction: PredictionType;
  readonly spacing: TimestepSpacing;
  readonly steps: number;
  /** Wasserstein-1 distance from the closed-form distribution; NaN where drawing failed. */
  readonly distance: number;
  /** The largest plausible distance; infinite where nothing is known of it but that it has to be finite. */
  readonly bound: number;
  /** What is wrong with it. */
  readonly problem?: string;
}

/** Pixels drawn by a plan, and the distribution that they should have. */
interface Drawn {
  readonly values: Float32Array;
  readonly target: Mixture;
  /** How much farther it may be where the timesteps do not resolve the way; default 0. */
  readonly unresolved?: number;
}

interface Setting {
  readonly model: DrawableModel;
  readonly options: {
    readonly sampler: SamplerName;
    readonly spacing: TimestepSpacing;
    readonly samplingSteps: number;
    readonly seed: number;
  } & OwnSamplerOptions;
}

const IMAGES = 4;
const labelsOf = (label: number): number[] => new Array<number>(IMAGES).fill(label);

/** The ways of drawing whose result has a closed form. `undefined`: the sampler does not take part. */
const tasks = {
  draw: async ({ model, options }) => ({
    values: await finished(planSampling(model, { labels: labelsOf(0), guidanceWeight: 0, ...options })),
    target: twoModes,
  }),

  /** With equal deviations (1 + ω) times one score minus ω times the other is the score of a Gaussian again. */
  guide: async ({ model, options }) => ({
    values: await finished(planSampling(model, { labels: labelsOf(1), guidanceWeight: 1, ...options })),
    target: gaussian(2 * 0.5 + 0.2, 0.25),
  }),

  /** Both predictions have one deviation, whose quotient is 1; from noise alone they are constant. */
  rescale: async ({ model, options }) => ({
    values: await finished(
      planSampling(model, { labels: labelsOf(1), guidanceWeight: 1, guidanceRescale: 0.7, ...options }),
    ),
    target: gaussian(2 * 0.5 + 0.2, 0.25),
  }),

  /** Strength 1 starts from noise, whatever the images. */
  edit: async ({ model, options }) => {
    const images = dataImages(model, lastData);
    const edit = { labels: labelsOf(0), guidanceWeight: 0, images, strength: 1, ...options };
    return { values: await finished(planEdit(model, edit)), target: twoModes };
  },

  /** Pixels are independent: those drawn do not depend on those known. */
  inpaint: async ({ model, options }) => {
    const { imageSize } = model.model;
    const images = dataImages(model, lastData);
    const mask = Uint8Array.from({ length: imageSize ** 2 }, (_, i) => i % 2);
    const inpainting = { labels: labelsOf(0), guidanceWeight: 0, images, mask, ...options };
    const all = await finished(planInpainting(model, inpainting));
    const bytes = toBytes(all);
    if (bytes.some((byte, i) => i % 2 === 0 && byte !== images[i])) throw new Error('known pixels changed');
    return { values: all.filter((_, i) => i % 2 === 1), target: twoModes };
  },

  /** Half way: noise between two is noise, and between two Gaussians of one deviation the mean is between. */
  interpolate: async ({ model, options }) => {
    const { sampler, spacing, samplingSteps, seed, ...own } = options;
    if (addsNoise(samplers[sampler], ownOptions(samplers[sampler], own))) return undefined;
    const random = new RandomStream(seed);
    const values: Float32Array[] = [];
    for (let pair = 0; pair < IMAGES; pair++) {
      const end = (label: number) => {
        const noise = new Float32Array(model.model.imageSize ** 2);
        random.fillNormal(noise);
        return { label, noise };
      };
      const between = { from: end(1), to: end(2), frames: 3, guidanceWeight: 0, sampler, spacing, samplingSteps };
      const frames = await finished(planInterpolation(model, between));
      values.push(frames.subarray(frames.length / 3, (2 * frames.length) / 3));
    }
    return { values: concatenated(values), target: gaussian((0.5 - 0.2) / 2, 0.25) };
  },

  /**
   * Images of the data are encoded as standard normals; by unresolved steps as what these steps draw them from, which is none: two steps
   * draw no noise of unit deviation as data of 0.25.
   */
  encode: async ({ model, options: { sampler, spacing, samplingSteps, ...own } }) => {
    if (sampler !== 'ddim' || (own.eta ?? 0) > 0) return undefined;
    const images = dataImages(model, dataOfLabel[1] ?? []);
    const [noise] = await statesOf(planEncoding(model, { images, labels: labelsOf(1), spacing, samplingSteps }));
    return { values: noise ?? new Float32Array(), target: standardNormal, unresolved: Infinity };
  },

  /** What `encode` found is drawn again as the images that it came from. */
  decode: async ({ model, options: { sampler, spacing, samplingSteps, ...own } }) => {
    if (sampler !== 'ddim' || (own.eta ?? 0) > 0) return undefined;
    const data = dataOfLabel[1] ?? [];
    const images = dataImages(model, data);
    const plan = planEncoding(model, { images, labels: labelsOf(1), spacing, samplingSteps });
    return { values: await finished(plan), target: data };
  },
} as const satisfies Record<string, (setting: Setting) => Promise<Drawn | undefined>>;

/** One of the ways of drawing. */
export type SweepTask = keyof typeof tasks;
/** All ways of drawing that a sweep knows. */
export const sweepTasks = Object.keys(tasks) as readonly SweepTask[];

/** Samplers with the settings of their own options that differ in kind. */
const variants: Readonly<Partial<Record<SamplerName, readonly OwnSamplerOptions[]>>> = {
  ddpm: [{}, { variance: 'beta' }],
  ddim: [{}, { eta: 0.5 }, { eta: 1 }],
};

/** Schedules of every kind: little and next to nothing left at T, exactly nothing, T from 2 to the largest. */
export const sweptSchedules: readonly SweptSchedule[] = [
  ['linear', 1000, {}],
  ['linear', 1000, { rescaleBetas: true }],
  ['linear', 4000, {}],
  ['linear', 4000, { rescaleBetas: true }],
  ['linear', 50_000, {}],
  ['cosine', 3, {}],
  ['cosine', 60, {}],
  ['cosine', 1000, {}],
  ['cosine', 4000, {}],
  ['sigmoid', 60, {}],
  ['sigmoid', 1000, {}],
  ['sigmoid', 4000, {}],
  ['linear', 2, { zeroTerminalSnr: true }],
  ['linear', 1000, { zeroTerminalSnr: true }],
  ['linear', 4000, { zeroTerminalSnr: true }],
  ['cosine', 3, { zeroTerminalSnr: true }],
  ['cosine', 1000, { zeroTerminalSnr: true }],
  ['sigmoid', 1000, { zeroTerminalSnr: true }],
  ['flow', 3, {}],
  ['flow', 1000, {}],
  ['flow', 50_000, {}],
];

/** Draws every combination, and yields each as it is done. Combinations that the program refuses by design are left out. */
export async function* sweep(settings: SweepSettings): AsyncGenerator<SweptCell, void, void> {
  const schedules = new Map<SweptSchedule, NoiseSchedule>();
  for (const cell of combinations(settings)) {
    const schedule = schedules.get(cell.schedule) ?? createNoiseSchedule(...cell.schedule);
    schedules.set(cell.schedule, schedule);
    const drawn = await measured(cell, schedule, settings);
    if (drawn !== undefined) yield drawn;
  }
}

/** How many combinations `sweep` goes through at most. */
export const sweepSize = (settings: SweepSettings): number => [...combinations(settings)].length;

interface Combination extends Pick<SweptCell, 'task' | 'prediction' | 'spacing' | 'steps'> {
  readonly schedule: SweptSchedule;
  readonly sampler: SamplerName;
  readonly own: OwnSamplerOptions;
}

function* combinations(settings: SweepSettings): Generator<Combination, void, void> {
  for (const schedule of settings.schedules) {
    for (const prediction of settings.predictions) {
      // A network that predicts the noise cannot start from nothing but noise: a test of its own.
      const isPure = schedule[0] === 'flow' || schedule[2].zeroTerminalSnr === true;
      if (prediction === 'epsilon' && isPure) continue;
      for (const task of settings.tasks) {
        for (const sampler of settings.samplers) {
          for (const own of variants[sampler] ?? [{}]) {
            for (const spacing of settings.spacings) {
              for (const steps of settings.steps) {
                if (steps <= schedule[1]) yield { schedule, prediction, task, sampler, own, spacing, steps };
              }
            }
          }
        }
      }
    }
  }
}

async function measured(
  combination: Combination,
  schedule: NoiseSchedule,
  settings: SweepSettings,
): Promise<SweptCell | undefined> {
  const { task, own, spacing, steps, prediction } = combination;
  const [name, timesteps, changes] = combination.schedule;
  const exact = mixtureDenoiser(schedule, dataOfLabel);
  const model: DrawableModel = {
    network: predicting(prediction, exact, schedule),
    prediction,
    schedule,
    model: { imageSize: settings.imageSize, imageChannels: 1, classes: dataOfLabel.length },
  };
  const sampler = [combination.sampler, ...Object.entries(own).flat()].join(' ');
  const changed = Object.keys(changes).map((change) => ` ${change}`);
  const cell = { ...combination, sampler, schedule: `${name} ${timesteps}${changed.join('')}` };
  const options = { sampler: combination.sampler, spacing, samplingSteps: steps, seed: settings.seed, ...own };
  let drawn: Drawn | undefined;
  try {
    drawn = await tasks[task]({ model, options });
  } catch (error) {
    return { ...cell, distance: NaN, bound: NaN, problem: error instanceof Error ? error.message : String(error) };
  }
  if (drawn === undefined) return undefined;
  const { values, target, unresolved = own.variance === 'beta' ? LEFT_BY_BETA : 0 } = drawn;
  const distance = distanceToMixture(values, target);
  const visited = spacedTimesteps(schedule, steps, spacing);
  // Of nothing but noise the noise tells nothing: one step then arrives at mid-grey.
  const tellsMean = prediction !== 'epsilon' || Math.sqrt(schedule.alphasCumprod.at(-1) ?? NaN) >= 2 ** -22;
  const blank = constantDistance(target, tellsMean ? meanOf(target) : 0);
  const statistical = 3 * statisticalError(target, values.length);
  const bound = plausibleDistance(schedule, visited, { statistical, blank, unresolved });
  return distance <= bound ? { ...cell, distance, bound } : { ...cell, distance, bound, problem: 'implausible' };
}

/** E|z|: the variance β of an unresolved step adds up to a whole standard normal, which stays where the last step is short. */
const LEFT_BY_BETA = 0.8;

/** λ below which x is noise to the eye: less than a twentieth of it is image. */
const NOISE = -3;
/** The longest step in λ between timesteps that a first-order method resolves. */
const RESOLVED = 1.5;

/**
 * The largest plausible Wasserstein-1 distance of pixels from their distribution: 3 times the statistical error of as many independent
 * draws, and
 * - where the timesteps do not resolve the way, one and a half times the distance of the blank image at the mean of the data: one step
 *   from noise arrives there, and more steps must not be worse but for an overshoot of half as far;
 * - where they do, no step longer than 1.5 in λ: a fifth of that per unit of the longest step h, the global error of a method of first
 *   order (measured: a seventh), and the noise level of the last timestep, from where sampling goes to the mean of what is possible.
 *
 * Nothing is known where more than 10 % of x_T is image: noise is not what such a schedule ends in.
 */
function plausibleDistance(
  { alphasCumprod }: NoiseSchedule,
  timesteps: readonly number[],
  { statistical, blank, unresolved }: Readonly<Record<'statistical' | 'blank' | 'unresolved', number>>,
): number {
  const lambdas = timesteps.map((t) => logSnr(alphasCumprod[t - 1] ?? NaN));
  if (Math.sqrt(alphasCumprod.at(-1) ?? NaN) > 0.1) return Infinity;
  const steps = lambdas.slice(1).map((lambda, i) => Math.max(lambda, NOISE) - Math.max(lambdas[i] ?? NaN, NOISE));
  const longest = Math.max(0, ...steps);
  const atLast = Math.exp(-(lambdas.at(-1) ?? NaN));
  if (longest > RESOLVED) return statistical + 1.5 * blank + unresolved;
  return statistical + Math.min(blank, (blank * longest) / 5 + atLast);
}

/** Images of independent pixels of a distribution, 0..255: its quantiles, shuffled. */
function dataImages({ model: { imageSize } }: DrawableModel, data: Mixture): Uint8Array {
  const random = new RandomStream(5);
  const normals = new Float32Array(IMAGES * imageSize ** 2);
  random.fillNormal(normals);
  const [{ mean, deviation } = { mean: NaN, deviation: NaN }] = data;
  return toBytes(normals.map((normal) => mean + deviation * normal));
}

/** x of every state of a plan's only batch. */
async function statesOf(plan: SamplingPlan): Promise<Float32Array[]> {
  const states: Float32Array[] = [];
  for await (const { x } of planStates(plan)) states.push(x);
  return states;
}

async function finished(plan: SamplingPlan): Promise<Float32Array> {
  const images: Float32Array[] = [];
  for await (const { x, step, steps } of planStates(plan)) if (step === steps) images.push(x);
  return concatenated(images);
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
