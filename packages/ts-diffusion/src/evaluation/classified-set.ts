import { VALUE_RANGE } from '../classifier/classifier-file.js';
import type { Classifier, ClassifierImages } from '../classifier/classifier.js';
import type { FeatureStatistics } from './feature-statistics.js';
import { createFeatures, type Features } from './features.js';
import type { Measurements } from './measured.js';
import type { ProgressHook } from './progress.js';
import type { ScoringNetwork } from './receipt.js';
import { planarImages, type ScoredImages } from './scored-images.js';

/** The networks that scores are computed with. */
export interface EvaluationNetworks {
  /** The paper's classifier, for the Inception score. */
  readonly evaluator: Classifier;
  /** The stronger one, for distances between features and for labels. */
  readonly features: Classifier;
  /** Another one, for a distance over features that no model was chosen by. */
  readonly secondFeatures: Classifier;
  /** `Dataset.sha256` of the images that all were trained on, where their files say; those of the package know MNIST's digits. */
  readonly trainedOn?: string | undefined;
}

/** What the evaluator is shown instead of the pixels in [-1, 1] that it was trained on. */
export interface EvaluatorInput {
  readonly valueRange: string;
  /** Bytes [N, H, W] to floats. */
  readonly of: (bytes: Uint8Array) => Float32Array;
}

/** What the classifiers say of a set of images, asked for once. */
export class ClassifiedSet {
  #seen: Promise<{ features: Features; probabilities: Float32Array }> | undefined;
  #evaluated: Promise<Float32Array> | undefined;

  /** @param measured what the networks have already said of these images */
  constructor(
    readonly images: ScoredImages,
    readonly networks: EvaluationNetworks,
    private readonly input?: EvaluatorInput,
    private readonly measured?: Measurements,
  ) {}

  /** Mean and covariance of another kind of features, where they have been measured. */
  momentsOf(kind: string): FeatureStatistics | undefined {
    return this.measured?.moments.get(kind);
  }

  /** p(y|x) by the evaluator [N, classes]. */
  evaluated(onProgress?: ProgressHook): Promise<Float32Array> {
    this.#evaluated ??= this.#evaluate(onProgress);
    return this.#evaluated;
  }

  /** p(y|x) by the feature network [N, classes]. */
  async probabilities(onProgress?: ProgressHook): Promise<Float32Array> {
    return (await this.#see(onProgress)).probabilities;
  }

  /** The last hidden layer of the feature network [N, features]. */
  async features(onProgress?: ProgressHook): Promise<Features> {
    return (await this.#see(onProgress)).features;
  }

  /** What the evaluator's pixels are. */
  get evaluatorRange(): string {
    return this.input?.valueRange ?? VALUE_RANGE;
  }

  async #evaluate(onProgress?: ProgressHook): Promise<Float32Array> {
    if (this.measured?.evaluated) return this.measured.evaluated;
    const { evaluator } = this.networks;
    const { classes } = evaluator.network;
    const probabilities = new Float32Array(this.images.count * classes);
    const shown = this.input
      ? { ...this.images, images: this.input.of(this.images.images), anyRange: true }
      : imagesFor(evaluator, this.images);
    let done = 0;
    for await (const batch of evaluator.classifyBatches(shown)) {
      probabilities.set(batch.probabilities, done * classes);
      done += batch.count;
      onProgress?.(done / this.images.count);
    }
    return probabilities;
  }

  #see(onProgress?: ProgressHook): Promise<{ features: Features; probabilities: Float32Array }> {
    this.#seen ??= this.#look(onProgress);
    return this.#seen;
  }

  async #look(onProgress?: ProgressHook): Promise<{ features: Features; probabilities: Float32Array }> {
    const { features: network } = this.networks;
    const { classes, features: dimension } = network.network;
    if (this.measured) {
      const { features: data, probabilities } = this.measured;
      return { features: createFeatures(data, dimension), probabilities };
    }
    const probabilities = new Float32Array(this.images.count * classes);
    const features = new Float32Array(this.images.count * dimension);
    let done = 0;
    for await (const batch of network.classifyBatches(imagesFor(network, this.images))) {
      probabilities.set(batch.probabilities, done * classes);
      features.set(batch.features, done * dimension);
      done += batch.count;
      onProgress?.(done / this.images.count);
    }
    return { features: createFeatures(features, dimension), probabilities };
  }
}

/** Gray images, or for a network of coloured ones their colours. */
export function imagesFor({ network }: Classifier, set: ScoredImages): ClassifierImages {
  const { images, height, width, batches } = set;
  return network.imageChannels === 3 ? { ...planarImages(set), batches } : { images, height, width, batches };
}

/** A classifier as receipts name it. */
export function scoringNetwork({ network, sha256 }: Classifier): ScoringNetwork {
  return { name: network.name, sha256, features: network.features };
}
