/**
 * The mathematics of diffusion without any runtime: noise schedules, the forward and the reverse process, guidance, samplers
 * (`defineSampler` makes one of your own) and the schema of sampling options.
 *
 * @module ts-diffusion/diffusion
 */
export {
  NULL_LABEL,
  denoiserFrom,
  networkFrom,
  type Denoiser,
  type ImageBatch,
  type Network,
  type Predict,
} from '../diffusion/denoiser.js';
export { addNoise } from '../diffusion/forward-process.js';
export {
  LARGEST_GUIDANCE_WEIGHT,
  type GuidanceOptions,
  type GuidanceStrength,
  guidanceTimesteps,
  resolveGuidanceWeight,
  withGuidance,
} from '../diffusion/guidance.js';
export { startFromImages } from '../diffusion/image-to-image.js';
export { withKnownPixels } from '../diffusion/inpainting.js';
export { slerp, withMixedLabels } from '../diffusion/interpolation.js';
export { type InversionOptions, invert } from '../diffusion/inversion.js';
export { type LabelDropoutUnit, labelDropoutUnits } from '../diffusion/label-dropout.js';
export { type LinearPathPoint, linearPathPoint } from '../diffusion/linear-path.js';
export {
  type NoiseSchedule,
  type NoiseScheduleName,
  type NoiseScheduleOptions,
  createNoiseSchedule,
  noiseScheduleNames,
} from '../diffusion/noise-schedule.js';
export { NoiseSource } from '../diffusion/noise-source.js';
export { type NoisingRow, noisingFigure } from '../diffusion/noising-figure.js';
export { type PredictionType, asEpsilon, asX0, predictionTypes } from '../diffusion/prediction.js';
export { type Resampling } from '../diffusion/resampling.js';
export { reverseProcess, type SamplerOptions, type SamplerState } from '../diffusion/reverse-process.js';
export { type ReverseTransition } from '../diffusion/reverse-transition.js';
export { defineSampler } from '../diffusion/samplers/sampler.js';
export {
  samplerNames,
  samplers,
  type OptionValues,
  type Sampler,
  type SamplerName,
  type SamplerStart,
  type SamplerStep,
  type Step,
} from '../diffusion/samplers/index.js';
export { type OptionsOfChoice, type SamplerChoice, type WithSampler } from '../diffusion/samplers/sampler-choice.js';
export {
  LARGEST_BATCH,
  givenSamplingSchema,
  modelSamplingSchema,
  parseSampling,
  samplingSchema,
  type ModelSampling,
  type SamplingData,
  type SamplingFieldMeta,
  type SamplingOptions,
} from '../diffusion/sampling-schema.js';
export { type TimestepSpacing, spacedTimesteps, timestepSpacings } from '../diffusion/timestep-spacing.js';
export { type LevelImages, type ToneCurve, fitToneCurve } from '../diffusion/tone-curve.js';
export { evenlySpacedTimesteps } from '../diffusion/timesteps.js';
export { Purpose, RandomStream } from '../utils/random.js';
