import { callback, signature } from '../utils/arguments.js';

/** A batch of images in model range, row-major [B, C, H, W]. */
export interface ImageBatch {
  readonly shape: readonly [batch: number, channels: number, height: number, width: number];
  readonly data: Float32Array;
}

/** The label of an image whose class is withheld: the class branch of the network is fed the zero vector. */
export const NULL_LABEL = -1;

/**
 * A prediction [B, C, H, W], in a new array, for images x [B, C, H, W] at timesteps t [B] (1..T), given one class label per
 * image (`NULL_LABEL`: unconditional). What is predicted is not said: see `Network` and `Denoiser`.
 */
export type Predict = (x: ImageBatch, timesteps: Float32Array, labels: Int32Array) => Promise<Float32Array>;

declare const predicted: unique symbol;

/** A network as it was trained: it predicts the noise ε, the clean image x_0, the velocity v or the flow u (`PredictionType`). */
export type Network = Predict & { readonly [predicted]: 'output of the network' };

/** A denoiser in the strict sense: it predicts the clean image E[x_0 | x_t]. Samplers take nothing else; `asX0` makes one. */
export type Denoiser = Predict & { readonly [predicted]: 'x0' };

const networkFromArguments = signature('networkFrom', { predict: callback });

/** States that a function predicts what some network was trained to predict. */
export const networkFrom = (predict: Predict): Network => {
  networkFromArguments({ predict });
  return predict as Network;
};

const denoiserFromArguments = signature('denoiserFrom', { predict: callback });

/** States that a function predicts the clean image. */
export const denoiserFrom = (predict: Predict): Denoiser => {
  denoiserFromArguments({ predict });
  return predict as Denoiser;
};
