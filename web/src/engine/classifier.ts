import type { Setup } from './protocol.js';

/** Class probabilities [N, classes] of images in model range. */
export type Classify = (images: Float32Array) => Promise<Float32Array>;

/** The shipped classifier, ready on the task's device; undefined where none is shipped. */
export function classifierFor(_setup: Setup): Promise<Classify | undefined> {
  return Promise.resolve(undefined);
}
