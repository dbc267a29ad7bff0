import { rowsByClass } from './validation-rows.js';
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

/** The images of each class, and the last permutation of them: a cache only, as above. */
interface ShuffledClass {
  readonly rows: readonly number[];
  readonly label: number;
  order: { readonly seed: number; readonly epoch: number; readonly at: Uint32Array } | undefined;
}
const classesOf = new WeakMap<object, readonly ShuffledClass[]>();

/**
 * As `batchIndices`, with every class as often as any other: the images are drawn in rounds, each of which takes one image of each
 * class in an order of its own. Of a class, every image appears once before any appears again.
 *
 * @param step 0-based
 * @param labels of all images
 * @returns [batchSize] indices into `labels`
 */
export function balancedBatchIndices(seed: number, step: number, batchSize: number, labels: Uint8Array): Uint32Array {
  if (labels.length < 1) throw new RangeError('batches need at least one image');
  let classes = classesOf.get(labels);
  if (classes === undefined) {
    classes = Array.from(rowsByClass(labels), ([label, rows]) => ({ label, rows, order: undefined }));
    classesOf.set(labels, classes);
  }
  const indices = new Uint32Array(batchSize);
  let drawn: { readonly round: number; readonly order: Uint32Array } | undefined;
  for (let i = 0; i < batchSize; i++) {
    const position = step * batchSize + i;
    const round = Math.floor(position / classes.length);
    if (drawn?.round !== round) {
      drawn = { round, order: new RandomStream(seed, Purpose.classOrder, round).permutation(classes.length) };
    }
    indices[i] = imageOfRound(seed, classes[drawn.order[position % classes.length] as number] as ShuffledClass, round);
  }
  return indices;
}

/** Labels are bytes. */
const MOST_CLASSES = 256;

function imageOfRound(seed: number, shuffled: ShuffledClass, round: number): number {
  const { rows, label } = shuffled;
  const epoch = Math.floor(round / rows.length);
  if (shuffled.order?.seed !== seed || shuffled.order.epoch !== epoch) {
    const random = new RandomStream(seed, Purpose.classShuffle, epoch * MOST_CLASSES + label);
    shuffled.order = { seed, epoch, at: random.permutation(rows.length) };
  }
  return rows[shuffled.order.at[round % rows.length] as number] as number;
}
