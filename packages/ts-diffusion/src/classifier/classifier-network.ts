import { input, lower, loweringTarget, type Target, type Tensor } from '../graph/index.js';
import type { BatchMoments } from '../nn/normalization.js';
import { ParameterLayout, type ParameterScope } from '../nn/parameters.js';

/** What a classifier says of a batch of images. */
export interface ClassifierOutput {
  /** [B, classes], before the softmax. */
  readonly logits: Tensor;
  /** [B, features]: the last hidden layer, of which the logits are a linear function. */
  readonly features: Tensor;
}

/** What a classifier with batch normalisation says of a batch, and what its normalisations saw on the way. */
export interface NormalizedOutput extends ClassifierOutput {
  /** By the name of the convolution whose output was normalised. */
  readonly moments: ReadonlyMap<string, BatchMoments>;
}

/** What the classes of a network are: those of its data, or the quarter turns that an image was given (Gidaris et al. 2018). */
export type ClassifierTask = 'classes' | 'turns';

/** The images that a network is made for, and how many classes it tells apart. */
export interface ClassifierShape {
  /** Height and width. */
  readonly imageSize: number;
  /** 1 (gray, the default) or 3 (RGB). */
  readonly imageChannels?: number | undefined;
  readonly classes: number;
  /** Default: those of the data. */
  readonly task?: ClassifierTask | undefined;
}

/** A network that tells the classes of images apart. Its images are [B, C, imageSize, imageSize] in model range [-1, 1]. */
export interface ClassifierNetwork extends ClassifierShape {
  readonly name: string;
  /** Length of an image's feature vector. */
  readonly features: number;
  /** The network for images [B, C, H, W]. */
  readonly build: (parameters: ParameterScope, images: Tensor) => ClassifierOutput;
  /**
   * The network as it is trained, where that is not how it is used: with batch normalisations, which the trained network
   * no longer needs (see `foldBatchNorms`).
   */
  readonly buildNormalized?: (parameters: ParameterScope, images: Tensor) => NormalizedOutput;
}

/** The parameters of the network, in the order and with the names of the PyTorch module. */
export function classifierParameters(network: ClassifierNetwork): ParameterLayout {
  return new ParameterLayout((parameters) => network.build(parameters, imagesInput(network, 1)));
}

/** The parameters of the network in the form in which it is trained. */
export function trainedParameters(network: ClassifierNetwork): ParameterLayout {
  const build = network.buildNormalized ?? network.build;
  return new ParameterLayout((parameters) => build(parameters, imagesInput(network, 1)));
}

/** The input `images` [B, C, H, W]. */
export function imagesInput({ imageSize, imageChannels = 1 }: ClassifierShape, batchSize: number): Tensor {
  return input('images', [batchSize, imageChannels, imageSize, imageSize]);
}

/**
 * The network with its weights as constants, for a fixed batch: input `images` [B, C, H, W], outputs `logits` [B, classes]
 * and `features` [B, features].
 */
export function buildClassifier(
  network: ClassifierNetwork,
  parameters: Float32Array,
  batchSize: number,
  target: Target,
): { readonly model: Uint8Array } {
  const constants = classifierParameters(network).constantsOf(parameters);
  const { logits, features } = network.build(constants, imagesInput(network, batchSize));
  return { model: lower({ logits, features }, { name: network.name, target: loweringTarget(target, 'inference') }) };
}
