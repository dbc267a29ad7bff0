import { input, mul, reshape, sizeOf, slice, toImage, type Tensor } from '../graph/index.js';
import type { RandomStream } from '../utils/random.js';

/** Drops activations of a network under construction, an image [N, C, H, W] at each call. */
export type Dropout = (x: Tensor) => Tensor;

/** What networks do when they are not trained. */
export const keepAll: Dropout = (x) => x;

/** How many activations a network drops or keeps in one pass, found by building it once. */
export function countDropped(buildModel: (dropout: Dropout) => unknown): number {
  let count = 0;
  buildModel((x) => {
    count += sizeOf(x.shape);
    return x;
  });
  return count;
}

/** Dropout by factors that are fed as the input `dropoutMask` [count], each factor used once. */
export function dropoutByMask(count: number): Dropout {
  const mask = input('dropoutMask', [count]);
  let offset = 0;
  return (x) => {
    const own = slice(mask, 0, offset, (offset += sizeOf(x.shape)));
    return mul(x, toImage(reshape(own, x.shape)));
  };
}

/** The steps in which a probability is told apart. */
const LEVELS = 2 ** 16;

/**
 * Fills a mask: 0 with the given probability, else the factor that keeps the mean, 1/(1 − probability) (Srivastava et al.
 * 2014, in the form that leaves the trained network alone). The probability is rounded to a multiple of 2^-16.
 *
 * @param probability in [0, 1)
 */
export function fillDropoutMask(mask: Float32Array, probability: number, random: RandomStream): void {
  const dropped = Math.round(probability * LEVELS);
  const factor = LEVELS / (LEVELS - dropped);
  for (let i = 0; i < mask.length; i += 2) {
    const word = random.integer(LEVELS * LEVELS);
    mask[i] = word % LEVELS < dropped ? 0 : factor;
    mask[i + 1] = Math.floor(word / LEVELS) < dropped ? 0 : factor;
  }
}
