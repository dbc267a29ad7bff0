import type { ImageSet } from '../../data/image-set.js';
import { buildInception, INCEPTION_FEATURES } from '../../models/inception-v3.js';
import type { Program, Runtime } from '../../runtime/types.js';
import { runtime as runtimeShape } from '../../utils/argument-shapes.js';
import { DisposedError, EvaluationError } from '../../utils/errors.js';
import type { ProgressHook } from '../progress.js';
import { weightSource, type InceptionWeights } from './weights.js';
import { callback, number, options, signature } from '../../utils/arguments.js';
import { imageSet, inceptionWeights } from '../../utils/evaluation-shapes.js';

/** Larger batches are no faster and need more memory: 0.6 GB at 8, 1.9 GB at 50. */
export const DEFAULT_BATCH_SIZE = 8;

/** How images are given to the network. */
export interface ExtractOptions {
  /** The features do not depend on it. */
  readonly batchSize?: number;
  readonly onProgress?: ProgressHook;
}

const inceptionArguments = signature('new InceptionFeatures', { runtime: runtimeShape, weights: inceptionWeights });
const extractArguments = signature('inceptionFeatures.extract', {
  set: imageSet,
  options: options({ batchSize: number.optional(), onProgress: callback.optional() }),
});

/** The features of FID: pool3 of Inception-v3, as pytorch-fid computes them. */
export class InceptionFeatures {
  /** Length of a feature vector. */
  readonly dimension = INCEPTION_FEATURES;
  #disposed = false;
  #compiled: { readonly key: string; readonly program: Program } | undefined;

  /** Compiles nothing yet: the program is compiled for the first images. */
  constructor(
    private readonly runtime: Runtime,
    readonly weights: InceptionWeights,
  ) {
    inceptionArguments({ runtime, weights });
  }

  /**
   * The features of images of any one size, gray or RGB: [N, 2048].
   * @throws EvaluationError for no images, data that do not fit their shape, or no such batch size; DataError for weights that are not Inception's
   */
  async extract(set: ImageSet, extraction: ExtractOptions = {}): Promise<Float32Array> {
    extractArguments({ set, options: extraction });
    const { batchSize = DEFAULT_BATCH_SIZE, onProgress } = extraction;
    const { images, count, height, width, channels = 1 } = set;
    const imageSize = height * width * channels;
    if (count === 0 || images.length !== count * imageSize) {
      throw new EvaluationError(
        `${count} images of ${width}x${height} with ${channels} channels do not match ${images.length} bytes.`,
      );
    }
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new EvaluationError(`The batch size must be a whole number of at least 1, got ${batchSize}.`);
    }
    if (this.#disposed) throw DisposedError.of('The feature extractor', 'make another from its weights');
    const program = await this.#program({ channels, height, width });
    const features = new Float32Array(count * INCEPTION_FEATURES);
    for (let start = 0; start < count; start += batchSize) {
      const batch = Math.min(batchSize, count - start);
      const pixels = channelsFirst(
        images.subarray(start * imageSize, (start + batch) * imageSize),
        channels,
        height * width,
      );
      const shape = [batch, channels, height, width];
      const result = await program.run({ images: { dtype: 'float32', shape, data: pixels } });
      features.set(result['features']?.data as Float32Array, start * INCEPTION_FEATURES);
      onProgress?.((start + batch) / count);
    }
    return features;
  }

  /** Frees the compiled program and its device memory. Later calls are refused; disposing twice is fine. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#free();
  }

  async #free(): Promise<void> {
    const compiled = this.#compiled;
    this.#compiled = undefined;
    await compiled?.program.dispose();
  }

  /** The network for images of this shape; the one for the last shape is kept. */
  async #program(shape: { channels: 1 | 3; height: number; width: number }): Promise<Program> {
    const key = JSON.stringify(shape);
    if (this.#compiled?.key !== key) {
      await this.#free();
      const source = buildInception(weightSource(this.weights), shape, this.runtime.device);
      this.#compiled = { key, program: await this.runtime.compile(source) };
    }
    return this.#compiled.program;
  }
}

/** [N, H, W, C] as bytes to [N, C, H, W] as float32, 0..255. */
function channelsFirst(images: Uint8Array, channels: number, pixels: number): Float32Array {
  const out = new Float32Array(images.length);
  const imageSize = channels * pixels;
  for (let start = 0, read = 0; start < images.length; start += imageSize) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        out[start + channel * pixels + pixel] = images[read++] as number;
      }
    }
  }
  return out;
}
