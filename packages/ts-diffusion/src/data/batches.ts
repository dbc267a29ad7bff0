import { Purpose, RandomStream } from '../utils/random.js';

/** The permutation last used: consecutive steps mostly stay within one epoch. A cache only: the result never depends on it. */
let cached: { readonly key: string; readonly order: Uint32Array } | undefined;

function epochOrder(seed: number, epoch: number, count: number): Uint32Array {
  const key = `${seed}/${epoch}/${count}`;
  if (cached?.key !== key) {
    cached = { key, order: new RandomStream(seed, Purpose.shuffle, epoch).permutation(count) };
  }
  return cached.order;
}

/**
 * Which images make up the batch of a training step: a pure function of its arguments, so that a resumed run sees the same
 * batches as one that never stopped. Every image appears once per epoch, in an order drawn anew for each epoch; a batch at
 * the end of an epoch is completed from the next.
 * @param step 0-based
 * @param count number of images in the data set
 * @returns [batchSize] indices 0..count-1
 */
export function batchIndices(seed: number, step: number, batchSize: number, count: number): Uint32Array {
  if (count < 1) throw new RangeError('batches need at least one image');
  const indices = new Uint32Array(batchSize);
  for (let filled = 0; filled < batchSize;) {
    const position = step * batchSize + filled;
    const start = position % count;
    const part = epochOrder(seed, Math.floor(position / count), count).subarray(start, start + batchSize - filled);
    indices.set(part, filled);
    filled += part.length;
  }
  return indices;
}
