import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { PredictionType } from '../diffusion/prediction.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import type { ToneCurve } from '../diffusion/tone-curve.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';

/** A trained network with what is needed to sample from it. */
export interface PipelineModel extends SamplingDefaults {
  readonly model: DenoiserConfig;
  /** Flat parameter vector in the order of `denoiserParameters(model)`. */
  readonly parameters: Float32Array;
  readonly schedule: NoiseSchedule;
  /** What the network predicts; default the noise ε. */
  readonly prediction?: PredictionType;
  /** In how many steps a distilled model draws; absent: in any number. */
  readonly drawingSteps?: readonly number[] | undefined;
  /** What the grey levels of finished images become; absent: they stay. */
  readonly toneCurve?: ToneCurve | undefined;
  /** The classes that occurred in training, ascending; absent: all of the model's. */
  readonly seenClasses?: readonly number[] | undefined;
  /** What the classes are called, by label; absent: they have no names. */
  readonly classNames?: readonly string[] | undefined;
  /** `Dataset.sha256` of the images that it was trained on; absent: nobody knows. */
  readonly trainedOn?: string | undefined;
}

/** How a model is sampled unless asked otherwise. */
export interface SamplingDefaults {
  /** How many timesteps sampling visits, as its training was configured; 0 or absent: all. */
  readonly samplingSteps?: number | undefined;
  /** Guidance weight ω, as its training was configured; default 0.2, the paper's. */
  readonly guidanceWeight?: number | undefined;
  /**
   * Default sampling, chosen after its training. Goes before the two above unless another sampler is asked for, or images are
   * interpolated or encoded.
   */
  readonly sampling?: ModelSampling | undefined;
}
