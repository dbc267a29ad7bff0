import { toBytes } from '../utils/pixel-range.js';
import type { PipelineState } from './run-plan.js';
import { count, positiveCount, signature } from '../utils/arguments.js';

const animationArguments = signature('new ImageAnimation', {
  images: count,
  pixels: positiveCount,
  frames: positiveCount,
});

/**
 * Collects the moving picture of a sampling run: some images at evenly spaced moments, from the first state to the finished
 * images. Feed it every state; runs of different length come out equally long.
 */
export class ImageAnimation {
  /** One picture of all images per moment, each [images, C, H, W], 0..255. */
  readonly frames: readonly Uint8Array[];
  readonly #pixels: number;
  readonly #images: number;

  /**
   * Black frames, to be filled by `add`.
   *
   * @param images how many images take part
   * @param pixels per image, C · H · W
   * @param frames how many moments, at most the states of a run; 1 is the finished images alone
   */
  constructor(images: number, pixels: number, frames: number) {
    animationArguments({ images, pixels, frames });
    this.#images = images;
    this.#pixels = pixels;
    this.frames = Array.from({ length: frames }, () => new Uint8Array(images * pixels));
  }

  /** Puts a state into the frame of its moment; for `onState`. */
  add({ x, first, count, step, steps }: PipelineState): void {
    const frame = this.frames[Math.round((step / steps) * (this.frames.length - 1))];
    const shown = Math.min(count, this.#images - first);
    if (frame === undefined || shown <= 0) return;
    frame.set(toBytes(x.subarray(0, shown * this.#pixels)), first * this.#pixels);
  }
}
