import { toBytes } from '../utils/pixel-range.js';
import type { PipelineState } from './run-plan.js';
import { count, positiveCount, numbers, signature } from '../utils/arguments.js';

const filmStripArguments = signature('new FilmStrip', { images: count, pixels: positiveCount, timesteps: numbers });

/**
 * Collects the film strip of Figure 2: some images at chosen timesteps of the reverse process. Feed it every state of a
 * sampling run; a state between two chosen timesteps is passed over.
 */
export class FilmStrip {
  /** [images, timesteps, C, H, W], 0..255: one row per image, from noise at the left to the finished image at the right. */
  readonly frames: Uint8Array;
  /** The chosen timesteps, T first. */
  readonly timesteps: readonly number[];
  readonly #pixels: number;
  readonly #images: number;

  /**
   * A black strip, to be filled by `add`.
   *
   * @param images how many of the first images get a row
   * @param pixels per image, C · H · W
   * @param timesteps which timesteps get a column, in any order; 0 is the finished image
   */
  constructor(images: number, pixels: number, timesteps: readonly number[]) {
    filmStripArguments({ images, pixels, timesteps });
    this.#images = images;
    this.#pixels = pixels;
    this.timesteps = [...new Set(timesteps)].sort((a, b) => b - a);
    this.frames = new Uint8Array(images * this.timesteps.length * pixels);
  }

  /** Puts a state into the column of its timestep, where it has one; for `onState`. */
  add(state: PipelineState): void {
    const column = this.timesteps.indexOf(state.timestep);
    if (column < 0 || state.first >= this.#images) return;
    const rows = Math.min(state.count, this.#images - state.first);
    const bytes = toBytes(state.x.subarray(0, rows * this.#pixels));
    for (let row = 0; row < rows; row++) {
      const frame = (state.first + row) * this.timesteps.length + column;
      this.frames.set(bytes.subarray(row * this.#pixels, (row + 1) * this.#pixels), frame * this.#pixels);
    }
  }
}
