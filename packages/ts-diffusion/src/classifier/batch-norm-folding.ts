import { NORMALIZATION_EPSILON } from '../nn/normalization.js';
import type { NamedTensor } from '../nn/parameters.js';
import { classifierParameters, trainedParameters, type ClassifierNetwork } from './classifier-network.js';

/** Mean and variance of each channel that a normalisation saw, over many batches. */
export interface ChannelMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** The name of the normalisation behind a convolution: `norm2` behind `conv2`. */
export const normOf = (convolution: string): string => convolution.replace('conv', 'norm');

/**
 * The weights of a network without its batch normalisations: with mean and variance fixed, each only scales and shifts the
 * channels of the convolution before it, (W x − mean) · weight / √(variance + ε) + bias.
 *
 * @param trained flat vector in the order of `trainedParameters`
 * @param moments by the name of the convolution
 * @returns flat vector in the order of `classifierParameters`
 */
export function foldBatchNorms(
  network: ClassifierNetwork,
  trained: Float32Array,
  moments: ReadonlyMap<string, ChannelMoments>,
): Float32Array {
  const tensors = trainedParameters(network).toNamedTensors(trained);
  for (const [convolution, { mean, variance }] of moments) {
    const filters = take(tensors, `${convolution}.weight`);
    const scale = take(tensors, `${normOf(convolution)}.weight`);
    const shift = take(tensors, `${normOf(convolution)}.bias`);
    const factors = mean.map((_, c) => at(scale.data, c) / Math.sqrt(at(variance, c) + NORMALIZATION_EPSILON));
    const filterSize = filters.data.length / mean.length;
    tensors.set(`${convolution}.weight`, {
      shape: filters.shape,
      data: filters.data.map((value, i) => value * at(factors, Math.floor(i / filterSize))),
    });
    tensors.set(`${convolution}.bias`, {
      shape: scale.shape,
      data: Float32Array.from(mean, (value, c) => at(shift.data, c) - value * at(factors, c)),
    });
  }
  return classifierParameters(network).fromNamedTensors(tensors);
}

/** Removes a tensor that must be there. */
function take(tensors: Map<string, NamedTensor>, name: string): NamedTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new RangeError(`the trained network has no ${name}`);
  tensors.delete(name);
  return tensor;
}

const at = (values: ArrayLike<number>, index: number): number => values[index] as number;
