import type { Tensor } from '../graph/index.js';
import { convolution, linear } from '../nn/layers.js';
import { batchNorm, type BatchMoments } from '../nn/normalization.js';
import { normOf } from './batch-norm-folding.js';
import type { ClassifierNetwork } from './classifier-network.js';

/** A convolution that keeps height and width, by its name in the network, up to what comes before its ReLU. */
export type ConvolutionLayer = (name: string, x: Tensor, outputs: number) => Tensor;

/**
 * Both forms of a network of convolutions and a last linear layer: each convolution is followed by batch normalisation in
 * training, and has a bias in its place afterwards.
 *
 * @param extract images [B, C, H, W] in [-1, 1] -> features [B, F]; its layers are called `convN`
 * @param size of the convolutions' kernels, odd
 */
export function normalizedConvolutions(
  classes: number,
  extract: (layer: ConvolutionLayer, images: Tensor) => Tensor,
  size: number,
): Pick<ClassifierNetwork, 'build' | 'buildNormalized'> {
  const kernel = { kernel: size, padding: (size - 1) / 2 };
  return {
    build: (parameters, images) => {
      const features = extract((name, x, outputs) => convolution(parameters.at(name), x, outputs, kernel), images);
      return { features, logits: linear(parameters.at('linear'), features, classes) };
    },
    buildNormalized: (parameters, images) => {
      const moments = new Map<string, BatchMoments>();
      const features = extract((name, x, outputs) => {
        const normalized = batchNorm(
          parameters.at(normOf(name)),
          convolution(parameters.at(name), x, outputs, { ...kernel, hasBias: false }),
        );
        moments.set(name, normalized.moments);
        return normalized.output;
      }, images);
      return { features, logits: linear(parameters.at('linear'), features, classes), moments };
    },
  };
}
