import { toModelRange } from '../utils/pixel-range.js';
import { imagesOf } from './batches.js';
import { pixelsOf, type DrawableModel } from './drawable-model.js';
import { planEncoding } from './plan-encoding.js';
import { runPlan, type RunOptions } from './run-plan.js';
import type { EncodeOptions } from './sample-options.js';

/** Images as noise. */
export interface EncodedImages {
  /** x_T, [N, C, H, W]. */
  readonly noise: Float32Array;
  /** What `ddim` draws from that noise, [N, C, H, W], 0..255. */
  readonly reconstruction: Uint8Array;
  /** Root mean square difference between image and reconstruction [N], in model range, where black and white differ by 2. */
  readonly errors: Float64Array;
}

/**
 * Runs the plan of an encoding: the noise, what is drawn from it, and how far that is off.
 *
 * @throws as `planEncoding` and `runPlan`
 */
export async function encodeImages(
  model: DrawableModel,
  options: EncodeOptions,
  { signal, onState }: RunOptions = {},
): Promise<EncodedImages> {
  const plan = planEncoding(model, options);
  const pixels = pixelsOf(model.model);
  const noise = new Float32Array(options.images.length);
  const errors = new Float64Array(options.labels.length);
  const { images: reconstruction } = await runPlan(plan, {
    signal,
    onState: async (state) => {
      const { step, steps, first, count, x } = state;
      if (step === 0) noise.set(x, first * pixels);
      if (step === steps) errors.set(distances(x, toModelRange(imagesOf(options.images, state, pixels)), count), first);
      await onState?.(state);
    },
  });
  return { noise, reconstruction, errors };
}

/** Root mean square difference of each of `count` images. */
function distances(a: Float32Array, b: Float32Array, count: number): Float64Array {
  const pixels = a.length / count;
  return Float64Array.from({ length: count }, (_, image) => {
    const [begin, end] = [image * pixels, (image + 1) * pixels];
    const squares = a.subarray(begin, end).map((value, j) => (value - (b[begin + j] ?? 0)) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square) / pixels);
  });
}
