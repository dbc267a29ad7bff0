import { ConfigError } from 'ts-diffusion/errors';
import type { PipelineModel } from 'ts-diffusion';
import { type EvaluatorInput, scoredImages, type ScoredImages } from 'ts-diffusion/evaluation';
import { toModelRange } from 'ts-diffusion/images';
import { type DenoiserConfig, denoiserParameters } from 'ts-diffusion/train';
import { type QuirkName, quirks } from './quirk-names.js';

/** Mean and standard deviation of MNIST's training pixels in 0..1: the usual normalisation of its classifiers. */
const MNIST_MEAN = 0.1307;
const MNIST_DEVIATION = 0.3081;

/** Bytes of samples as they are after clamping [-1, 1] to [0, 1] and saving that as 0..255: all below mid-grey is black. */
export function clampedBeforeSaving(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => Math.max(0, 2 * byte - 255));
}

/**
 * What a network for pixels in [-1, 1] has to be shown to see what one for (x - mean) / std, x in 0..1, sees when it is fed
 * samples in [-1, 1]: a picture of little contrast, nowhere black enough.
 */
export const wrongEvaluatorRange: EvaluatorInput = {
  valueRange: '[-1, 1] taken for (x - mean) / std',
  of: (bytes) => toModelRange(bytes).map((value) => 2 * (value * MNIST_DEVIATION + MNIST_MEAN) - 1),
};

/**
 * Parameters whose network, where the class is withheld, adds nothing of its class branch, and otherwise computes the same.
 * The branch is ReLU(W · onehot(c) + b); with b added to every column of W, and then set to 0, it gives ReLU(W_c + b) for
 * class c as before, and ReLU(0) for the zero vector.
 *
 * @throws ConfigError for another architecture than the paper's
 */
export function withoutUnconditionalBranch(model: DenoiserConfig, parameters: Float32Array): Float32Array {
  if (model.architecture !== 'paper-unet') {
    throw new ConfigError(`Only the paper's U-Net can omit the class branch, not ${model.architecture}.`);
  }
  const layout = denoiserParameters(model);
  const tensors = new Map(layout.toNamedTensors(parameters));
  for (const [name, weight] of tensors) {
    if (!name.endsWith('.label.weight')) continue;
    const biasName = name.replace(/weight$/, 'bias');
    const bias = tensors.get(biasName);
    if (!bias) throw new Error(`the class branch ${name} has no bias`);
    const [outputs = 0, classes = 0] = weight.shape;
    const data = weight.data.map((value, i) => value + (bias.data[Math.floor(i / classes)] as number));
    tensors.set(name, { shape: weight.shape, data });
    tensors.set(biasName, { shape: bias.shape, data: new Float32Array(outputs) });
  }
  return layout.fromNamedTensors(tensors);
}

/** The model that draws with some quirks. @throws ConfigError as `withoutUnconditionalBranch` */
export function quirkyModel(model: PipelineModel, names: readonly QuirkName[]): PipelineModel {
  if (!names.includes('omittedClassBranch')) return model;
  return { ...model, parameters: withoutUnconditionalBranch(model.model, model.parameters) };
}

/** Samples as they are scored with some quirks. @throws ConfigError for RGB images */
export function quirkyImages(images: ScoredImages, names: readonly QuirkName[]): ScoredImages {
  if (!names.includes('clampedBeforeSaving')) return images;
  if (images.colours !== undefined)
    throw new ConfigError('The quirk clampedBeforeSaving is of gray images; these are RGB.');
  return scoredImages(clampedBeforeSaving(images.images), images, images.labels, images.source);
}

/** What the evaluator is shown with some quirks. */
export const quirkyInput = (names: readonly QuirkName[]): EvaluatorInput | undefined =>
  names.includes('wrongEvaluatorRange') ? wrongEvaluatorRange : undefined;

/** What receipts say of quirks. */
export const quirkWarnings = (names: readonly QuirkName[]): readonly string[] =>
  names.map((name) => `Deviation of the paper's published program (${name}): ${quirks[name]}.`);
