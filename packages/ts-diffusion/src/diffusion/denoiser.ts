/** A batch of images in model range, row-major [B, C, H, W]. */
export interface ImageBatch {
  readonly shape: readonly [batch: number, channels: number, height: number, width: number];
  readonly data: Float32Array;
}

/** The label of an image whose class is withheld: the class branch of the network is fed the zero vector. */
export const NULL_LABEL = -1;

/**
 * A prediction [B, C, H, W], in a new array, for images x [B, C, H, W] at timesteps t [B] (1..T), given one class label per
 * image (`NULL_LABEL`: unconditional). A network predicts the noise ε or something else (`PredictionType`); `asX0` makes of it
 * what samplers take, a denoiser in the strict sense: one that predicts the clean image E[x_0 | x_t].
 */
export type Denoiser = (x: ImageBatch, timesteps: Float32Array, labels: Int32Array) => Promise<Float32Array>;
