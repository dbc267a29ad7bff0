import { ConfigError } from '../utils/errors.js';
import type { Denoiser, Network, Predict } from './denoiser.js';
import { linearCombination } from './linear-combination.js';
import { twoPredictions } from './two-predictions.js';
import { callback, finite, floats, integers, numbers, signature } from '../utils/arguments.js';

const slerpArguments = signature('slerp', { a: floats, b: floats, fraction: finite });

/**
 * Spherical interpolation (Shoemake 1985): sin((1 - f) Ω) / sin Ω · a + sin(f Ω) / sin Ω · b, where Ω is the angle between a and b.
 * Unlike a mean of the two it keeps the length, without which noise would not be noise to the model.
 *
 * @param fraction f, from 0 (a) to 1 (b)
 * @returns a new array
 * @throws ConfigError where a and b differ in length
 */
export function slerp(a: Float32Array, b: Float32Array, fraction: number): Float32Array {
  slerpArguments({ a, b, fraction });
  if (a.length !== b.length) throw new ConfigError(`Interpolation between ${a.length} and ${b.length} values.`);
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  const angle = Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(aa * bb))));
  // Between (nearly) parallel vectors, and from or to zero, the straight line is the limit.
  if (!(Math.sin(angle) > 1e-6)) return linearCombination([1 - fraction, a], [fraction, b]);
  const weight = (share: number) => Math.sin(share * angle) / Math.sin(angle);
  return linearCombination([weight(1 - fraction), a], [weight(fraction), b]);
}

/** `frames` fractions from 0 to 1, evenly spaced. @throws ConfigError unless frames is an integer >= 2 */
export function interpolationFractions(frames: number): number[] {
  if (!Number.isInteger(frames) || frames < 2) {
    throw new ConfigError(`An interpolation needs at least 2 frames, its two ends, got ${frames}.`);
  }
  return Array.from({ length: frames }, (_, i) => i / (frames - 1));
}

const withMixedLabelsArguments = signature('withMixedLabels', { predict: callback, to: integers, fractions: numbers });

/**
 * A predictor between two classes: its prediction for image i is (1 - f_i) times that for the image's own label plus f_i times
 * that for `to[i]`, both from one batch of 2B.
 *
 * @param to one class per image [B]
 * @param fractions f, one per image [B]
 */
export function withMixedLabels<P extends Network | Denoiser>(
  predict: P,
  to: Int32Array,
  fractions: ArrayLike<number>,
): P {
  withMixedLabelsArguments({ predict, to, fractions });
  const mixed: Predict = async (x, timesteps, labels) => {
    if (labels.every((label, image) => label === to[image])) return predict(x, timesteps, labels);
    const [from, other] = await twoPredictions(predict, x, timesteps, labels, to);
    const pixels = from.length / x.shape[0];
    return from.map((value, i) => {
      const fraction = fractions[Math.floor(i / pixels)] as number;
      return (1 - fraction) * value + fraction * (other[i] as number);
    });
  };
  return mixed as P;
}
