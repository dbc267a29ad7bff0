/**
 * The decay of the exponential moving average of the weights after `step` steps: min(decay, (1 + k) / (10 + k)), so that
 * the average forgets the initial weights quickly. Source: TensorFlow's ExponentialMovingAverage(num_updates).
 *
 * @param decay the configured decay, in [0, 1)
 * @param step k, 1-based
 */
export function emaDecayAt(decay: number, step: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}
