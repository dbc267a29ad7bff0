import type { ImageBatch, Predict } from './denoiser.js';

/**
 * Predicts the same B images with two labels each, in one batch of 2B: first all images with their own labels, then all with the others.
 *
 * @param others one label per image [B]
 * @returns the predictions with the own and with the other labels, each [B, C, H, W], halves of one new array
 */
export async function twoPredictions(
  predict: Predict,
  { shape: [batch, ...image], data }: ImageBatch,
  timesteps: Float32Array,
  labels: Int32Array,
  others: Int32Array,
): Promise<readonly [own: Float32Array, other: Float32Array]> {
  const both = await predict(
    { shape: [2 * batch, ...image], data: twice(data) },
    twice(timesteps),
    Int32Array.of(...labels, ...others),
  );
  const half = both.length / 2;
  return [both.subarray(0, half), both.subarray(half)];
}

function twice(values: Float32Array): Float32Array {
  const out = new Float32Array(2 * values.length);
  out.set(values);
  out.set(values, values.length);
  return out;
}
