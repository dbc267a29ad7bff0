/** A batch of images in model range, row-major [B, C, H, W]. */
export interface ImageBatch {
  readonly shape: readonly [batch: number, channels: number, height: number, width: number];
  readonly data: Float32Array;
}

/** The label of an image whose class is withheld: the class branch of the network is fed the zero vector. */
export const NULL_LABEL = -1;

/**
 * What a sampler sees of a model: the prediction (the noise ε, unless the model says otherwise) for images x [B, C, H, W]
 * at timesteps t [B] (1..T, fractions allowed), given one class label per image (`NULL_LABEL`: unconditional).
 */
export type Denoiser = (x: ImageBatch, timesteps: Float32Array, labels: Int32Array) => Promise<Float32Array>;
