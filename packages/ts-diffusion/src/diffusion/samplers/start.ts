import type { ImageBatch } from '../denoiser.js';
import type { NoiseSource } from '../noise-source.js';

/** Where sampling begins. */
export interface SamplerStart {
  /** x at the first timestep, usually noise: the first `next()` of the noise source. [B, C, H, W]; never written to. */
  readonly x: ImageBatch;
  /** One class per image [B], `NULL_LABEL` for none. */
  readonly labels: Int32Array;
  /** The noise of the steps to come. */
  readonly noise: Pick<NoiseSource, 'next'>;
}
