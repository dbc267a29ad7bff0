import { toModelRange } from '../utils/pixel-range.js';
import { buildClassifier, type ClassifierNetwork } from './classifier-network.js';
import { splitEvenly, type Span } from '../pipeline/batches.js';
import { BatchPrograms } from '../runtime/batch-programs.js';
import type { HostTensor, Runtime } from '../runtime/types.js';
import { runtime as runtimeShape } from '../utils/argument-shapes.js';
import { EvaluationError } from '../utils/errors.js';
import { nextTurn } from '../utils/next-turn.js';
import { sha256Hex } from '#platform/sha256.js';
import { readClassifier } from '#platform/classifier-source.js';
import { encodeClassifier, type ClassifierName } from './classifier-file.js';
import { floats, signature, text } from '../utils/arguments.js';
import { classifierImages, classifierNetwork } from '../utils/evaluation-shapes.js';

/** Images classified together. Larger batches are no faster. */
const BATCH = 256;

/** The batches that images are classified in, unless `ClassifierImages.batches` says others. */
export function classifierBatches(count: number): Span[] {
  return splitEvenly(count, BATCH);
}

/** Images [N, channels, height, width]: bytes 0..255, or floats in model range [-1, 1]. */
export interface ClassifierImages {
  readonly images: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
  /** 1 (gray, the default) or 3 (RGB). */
  readonly channels?: number | undefined;
  /** Floats may be anything finite: to measure what a wrong range costs. Default false. */
  readonly anyRange?: boolean;
  /** In which batches they are classified, where they are a part of more images that are classified in these. */
  readonly batches?: readonly Span[] | undefined;
}

/** What a classifier says of N images. */
export interface Classified {
  readonly count: number;
  /** Scores before the softmax, [N, classes]. */
  readonly logits: Float32Array;
  /** The softmax of the logits, [N, classes]. */
  readonly probabilities: Float32Array;
  /** The last hidden layer, [N, features]. */
  readonly features: Float32Array;
}

const classifierArguments = signature('new Classifier', {
  runtime: runtimeShape,
  network: classifierNetwork,
  parameters: floats,
  sha256: text.optional(),
});
const classifyArguments = signature('classifier.classify', { images: classifierImages });
const loadArguments = signature('Classifier.load', { source: text, runtime: runtimeShape });

/**
 * A trained classifier, compiled for one device.
 *
 *     const classifier = await Classifier.load('feature-network', await createNodeRuntime());
 *     const { probabilities, features } = await classifier.classify(await loadDataset({ split: 'test' }));
 *     await classifier.dispose();
 */
export class Classifier {
  /** Of the weights file. */
  readonly sha256: string;
  readonly #programs: BatchPrograms;

  /**
   * A classifier with weights in memory.
   *
   * @param parameters flat, in the order of the network's layers
   * @param sha256 of the weights file; default: of the file that `encodeClassifier` makes
   */
  constructor(
    readonly runtime: Runtime,
    readonly network: ClassifierNetwork,
    parameters: Float32Array,
    sha256?: string,
  ) {
    classifierArguments({ runtime, network, parameters, sha256 });
    this.sha256 = sha256 ?? sha256Hex(encodeClassifier(network, parameters));
    this.#programs = new BatchPrograms(runtime, 'The classifier', (batch) =>
      buildClassifier(network, parameters, batch, runtime.device),
    );
  }

  /**
   * Class probabilities, logits and features of all images.
   *
   * @throws EvaluationError for images of another size or of other channels, values that are not finite or out of range, and floats that were
   * left in 0..1: the network was trained on pixels in [-1, 1] and would give a wrong answer without noticing
   */
  async classify(images: ClassifierImages): Promise<Classified> {
    const { classes, features: dimension } = this.network;
    this.#programs.refuseIfDisposed();
    const count = this.#count(images);
    const logits = new Float32Array(count * classes);
    const probabilities = new Float32Array(count * classes);
    const features = new Float32Array(count * dimension);
    let first = 0;
    for await (const batch of this.classifyBatches(images)) {
      logits.set(batch.logits, first * classes);
      probabilities.set(batch.probabilities, first * classes);
      features.set(batch.features, first * dimension);
      first += batch.count;
    }
    return { count, logits, probabilities, features };
  }

  /** As `classify`, batch by batch in order: for more images than memory holds features of. */
  async *classifyBatches(images: ClassifierImages): AsyncGenerator<Classified, void, void> {
    this.#programs.refuseIfDisposed();
    const count = this.#count(images);
    const pixels = (images.channels ?? 1) * images.height * images.width;
    for (const span of images.batches ?? classifierBatches(count)) {
      const part = images.images.subarray(span.first * pixels, (span.first + span.count) * pixels);
      yield await this.#run(span.count, part instanceof Uint8Array ? toModelRange(part) : part);
      // A run blocks the event loop: without a turn of it here, Ctrl-C would never be noticed.
      await nextTurn();
    }
  }

  /**
   * Loads a shipped classifier by its name, or a file that `diffusion train-evaluator` wrote.
   *
   * @throws CheckpointError when the file is missing, damaged or of something else, or not the one that the receipt beside
   * it describes
   */
  static async load(source: ClassifierName | (string & {}), runtime: Runtime): Promise<Classifier> {
    loadArguments({ source, runtime });
    const { network, parameters, sha256 } = await readClassifier(source);
    return new Classifier(runtime, network, parameters, sha256);
  }

  /** Frees the compiled programs. Later calls are refused with a DisposedError; disposing twice is fine. */
  async dispose(): Promise<void> {
    await this.#programs.dispose();
  }

  async #run(count: number, data: Float32Array): Promise<Classified> {
    const { imageSize, imageChannels = 1, classes } = this.network;
    const outputs = await this.#programs.run(count, {
      images: { dtype: 'float32', shape: [count, imageChannels, imageSize, imageSize], data },
    });
    const logits = floatsOf(outputs['logits']);
    return { count, logits, probabilities: softmax(logits, classes), features: floatsOf(outputs['features']) };
  }

  /** Checks the images. @returns how many there are */
  #count(given: ClassifierImages): number {
    classifyArguments({ images: given });
    const { images, height, width, channels = 1, anyRange = false } = given;
    const { name, imageSize, imageChannels = 1 } = this.network;
    if (height !== imageSize || width !== imageSize) {
      throw new EvaluationError(
        `The images are ${height}x${width} pixels; the ${name} accepts only images of ${imageSize}x${imageSize}.`,
      );
    }
    if (channels !== imageChannels) {
      throw new EvaluationError(
        `The images have ${channels} channels; the ${name} accepts only images of ${imageChannels}.`,
      );
    }
    const count = images.length / (channels * height * width);
    if (count === 0 || !Number.isInteger(count)) {
      throw new EvaluationError(
        `${images.length} values are not a whole number of ${height}x${width} images, at least one.`,
      );
    }
    if (images instanceof Float32Array) checkValues(images, channels * height * width, anyRange);
    return count;
  }
}

/** @throws EvaluationError unless all values are finite and, but for `anyRange`, in [-1, 1] and some of them negative */
function checkValues(values: Float32Array, pixels: number, anyRange: boolean): void {
  const bound = anyRange ? Number.MAX_VALUE : 1;
  let least = Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!(Math.abs(value) <= bound)) {
      throw new EvaluationError(
        `Pixel ${i % pixels} of image ${Math.floor(i / pixels)} is ${value}; floats must be in model range [-1, 1]: ` +
          'clamp samples, or give bytes 0..255.',
      );
    }
    if (value < least) least = value;
  }
  if (least >= 0 && !anyRange) {
    throw new EvaluationError(
      `No pixel is darker than mid-grey: the smallest value is ${least}. Floats must be in model range [-1, 1], black is -1; ` +
        'of pixels in 0..1, take 2x - 1.',
    );
  }
}

function floatsOf(tensor: HostTensor | undefined): Float32Array {
  if (tensor?.dtype !== 'float32') throw new TypeError('the classifier graph lacks a float32 output');
  return tensor.data;
}

/** Of each row of [N, K]. */
function softmax(logits: Float32Array, classes: number): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const weights = Array.from(row, (value) => Math.exp(value - largest));
    const total = weights.reduce((sum, value) => sum + value, 0);
    weights.forEach((weight, k) => {
      probabilities[start + k] = weight / total;
    });
  }
  return probabilities;
}
