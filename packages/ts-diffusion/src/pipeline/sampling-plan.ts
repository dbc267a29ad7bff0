import type { Denoiser } from '../diffusion/denoiser.js';
import { guidanceTimesteps, withGuidance } from '../diffusion/guidance.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { NoiseSource } from '../diffusion/noise-source.js';
import { asX0 } from '../diffusion/prediction.js';
import { createThreshold } from '../diffusion/threshold.js';
import type { ToneCurve } from '../diffusion/tone-curve.js';
import { splitEvenly, type Span } from './batches.js';
import { checkLabels } from './check-images.js';
import { knowsNoClass, type DrawableModel, type ImageKind } from './drawable-model.js';
import { ConfigError } from '../utils/errors.js';
import { checkDistilled } from './distilled.js';
import type { ResolvedSampling } from './resolve-sampling.js';

/** What a batch begins from. */
export interface Batch {
  readonly span: Span;
  /** What the network is told of each image of the batch [count]. */
  readonly labels: Int32Array;
  /** The noise of the batch: its first `next()` is x_T of each image. */
  readonly noise: NoiseSource;
  /** The plan's denoiser, which throws once the run is aborted. */
  readonly denoiser: Denoiser;
}

/** Where a batch begins. */
export interface BatchStart {
  /** [count, C, H, W], at the first of the plan's timesteps. */
  readonly x: Float32Array;
  /** What the batch is denoised with; default: the batch's denoiser. */
  readonly denoiser?: Denoiser;
  /** Changes finished images [count, C, H, W] in place, after their grey levels; default: not at all. */
  readonly finish?: (x: Float32Array) => void;
}

/** The start of every batch: all that tells drawing, editing, inpainting, interpolating and encoding images apart. */
export type Begin = (batch: Batch) => BatchStart | Promise<BatchStart>;

/** Everything that `runPlan` needs to draw images, resolved and checked. Nothing of it changes while it is run. */
export interface SamplingPlan {
  /** How images are drawn. */
  readonly sampling: ResolvedSampling;
  /** Predicts x_0, guided. */
  readonly denoiser: Denoiser;
  readonly schedule: NoiseSchedule;
  readonly kind: ImageKind;
  /** What the grey levels of finished images become; undefined: they stay. */
  readonly toneCurve: ToneCurve | undefined;
  /** What the network is told of each image, `NULL_LABEL`: nothing. */
  readonly labels: Int32Array;
  /** What each finished image is of. */
  readonly shownLabels: Int32Array;
  readonly batches: readonly Span[];
  readonly begin: Begin;
}

/** What the functions that plan have in common, given the start that tells them apart. */
export function createPlan(
  model: DrawableModel,
  labels: ArrayLike<number>,
  sampling: ResolvedSampling,
  begin: Begin,
): SamplingPlan {
  const checked = checkLabels(labels, model);
  createThreshold(sampling);
  checkDistilled(model, sampling, checked);
  if (sampling.guidanceWeight > 0 && !knowsNoClass(model.model)) {
    throw new ConfigError(
      `The guidance weight omega is ${sampling.guidanceWeight}, but this model has not learnt images without a class, which ` +
        'guidance needs. Set it to 0, or import the model with --null-class if its last class stands for none.',
    );
  }
  return {
    sampling,
    denoiser: guidedDenoiser(model, sampling),
    schedule: model.schedule,
    kind: model.model,
    toneCurve: sampling.rawLevels ? undefined : model.toneCurve,
    labels: checked,
    shownLabels: checked,
    batches: splitEvenly(checked.length, sampling.batchSize),
    begin,
  };
}

/** The prediction of x_0 by a model's network, guided. */
function guidedDenoiser(
  {
    network,
    networkAt,
    prediction,
    schedule,
  }: Pick<DrawableModel, 'network' | 'networkAt' | 'prediction' | 'schedule'>,
  guidance: Pick<ResolvedSampling, 'guidanceWeight' | 'guidanceInterval' | 'guidanceRescale'>,
): Denoiser {
  const { guidanceWeight, guidanceInterval: levels, guidanceRescale: rescale } = guidance;
  if (networkAt !== undefined) return asX0(networkAt(guidanceWeight), prediction, schedule);
  const interval = levels && guidanceTimesteps(schedule, levels);
  return asX0(withGuidance(network, guidanceWeight, { interval, rescale }), prediction, schedule);
}
