import { Purpose, RandomStream } from '../utils/random.js';
import { count, positiveCount, signature } from '../utils/arguments.js';

const noiseSourceArguments = signature('new NoiseSource', {
  seed: count,
  firstIndex: count,
  count,
  pixelsPerImage: positiveCount,
});

/**
 * The Gaussian noise of a batch of images being sampled. Image i of seed s draws from its own stream (s, i): its initial
 * noise and the noise of every step are the same whatever the batch size, the order or the shard.
 */
export class NoiseSource {
  readonly #streams: readonly RandomStream[];
  readonly #pixelsPerImage: number;

  /**
   * @param seed integer 0..2^53-1
   * @param firstIndex index of the batch's first image; the batch is images firstIndex .. firstIndex + count - 1
   * @param pixelsPerImage C · H · W
   * @throws ConfigError for a seed or an index outside the range of `RandomStream`
   */
  constructor(seed: number, firstIndex: number, count: number, pixelsPerImage: number) {
    noiseSourceArguments({ seed, firstIndex, count, pixelsPerImage });
    this.#streams = Array.from({ length: count }, (_, i) => new RandomStream(seed, Purpose.sampling, firstIndex + i));
    this.#pixelsPerImage = pixelsPerImage;
  }

  /** The next standard normals of every image, [count, pixelsPerImage] in a new array: first x_T, then one per noisy step. */
  next(): Float32Array {
    const pixels = this.#pixelsPerImage;
    const noise = new Float32Array(this.#streams.length * pixels);
    this.#streams.forEach((stream, image) => {
      stream.fillNormal(noise.subarray(image * pixels, (image + 1) * pixels));
    });
    return noise;
  }
}
