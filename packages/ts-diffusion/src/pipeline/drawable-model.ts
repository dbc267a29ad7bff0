import type { Network } from '../diffusion/denoiser.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { PredictionType } from '../diffusion/prediction.js';
import type { ToneCurve } from '../diffusion/tone-curve.js';
import { options, positiveCount, signature } from '../utils/arguments.js';
import type { SamplingDefaults } from './pipeline-model.js';

/** The images of a model: square, of some channels and classes. */
export interface ImageKind {
  readonly imageSize: number;
  readonly imageChannels: number;
  readonly classes: number;
  /** Whether and how the class reaches the network; absent: in a way that can be left out. */
  readonly classEmbedding?: string;
  /** Whether the network has learnt images without a class; absent: yes. Means nothing where `classEmbedding` is `none`. */
  readonly nullClass?: boolean;
  /** The largest guidance weight ω of a network that takes it as an input; absent: it takes none. */
  readonly largestGuidanceWeight?: number;
}

/** Whether the network can be asked for an image without a class, and so be guided. */
export function knowsNoClass({ classEmbedding, nullClass = true }: ImageKind): boolean {
  return nullClass || classEmbedding === 'none';
}

/** All that a sampling plan is made from: a `DiffusionPipeline`, or any network with its schedule. */
export interface DrawableModel extends SamplingDefaults {
  readonly network: Network;
  /** The network at a guidance weight ω, where it takes one as an input: it is then guided by this alone. */
  readonly networkAt?: ((guidanceWeight: number) => Network) | undefined;
  /** What the network predicts. */
  readonly prediction: PredictionType;
  readonly schedule: NoiseSchedule;
  readonly model: ImageKind;
  /** In how many steps a distilled model draws; absent: in any number. */
  readonly drawingSteps?: readonly number[] | undefined;
  /** What the grey levels of finished images become; absent: they stay. */
  readonly toneCurve?: ToneCurve | undefined;
  /** The classes that occurred in training, ascending: those that can be drawn. Absent: all of the model's. */
  readonly seenClasses?: readonly number[] | undefined;
}

const pixelsOfArguments = signature('pixelsOf', {
  model: options({ imageChannels: positiveCount, imageSize: positiveCount }),
});

/** C · H · W. */
export function pixelsOf(model: Pick<ImageKind, 'imageChannels' | 'imageSize'>): number {
  pixelsOfArguments({ model });
  const { imageChannels, imageSize } = model;
  return imageChannels * imageSize ** 2;
}
