import type { HostTensor } from './types.js';

/** Float32 values with their shape, as programs are fed. */
export function floatFeed(shape: readonly number[], data: Float32Array): HostTensor {
  return { dtype: 'float32', shape, data };
}
