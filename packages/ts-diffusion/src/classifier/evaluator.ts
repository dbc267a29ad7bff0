import { maxPool, relu, reshape, toArray, toImage } from '../graph/index.js';
import { convolution, linear } from '../nn/layers.js';
import type { ClassifierNetwork, ClassifierShape } from './classifier-network.js';
import { even, folded } from './halving.js';

/** Larger images are folded first: the cost of 5×5 convolutions grows with the pixels. */
const LARGEST = 32;

/** Channels of the second convolution. */
export const MAPS = 64;

/**
 * The paper's classifier (section 3.5): "two pooling and convolution layers as well as one linear". Each convolution is 5×5 with
 * padding 2, as in the paper's repository, and is followed by ReLU and 2×2 max pooling. What the linear layer sees, 64 maps of a
 * quarter of the side, are its features. Images of more than 32 pixels are folded to at most that first.
 */
export function evaluatorFor(shape: ClassifierShape): ClassifierNetwork {
  let side = shape.imageSize;
  while (side > LARGEST) side = Math.floor(side / 2);
  const features = MAPS * Math.floor(side / 4) ** 2;
  return {
    name: 'evaluator',
    ...shape,
    features,
    build: (parameters, images) => {
      const kernel = { kernel: 5, padding: 2 };
      const x = folded(toImage(images), LARGEST);
      const pooled1 = maxPool(even(relu(convolution(parameters.at('conv1'), x, 32, kernel)))); // [B, 32, H/2, W/2]
      const pooled2 = maxPool(even(relu(convolution(parameters.at('conv2'), pooled1, MAPS, kernel)))); // [B, 64, H/4, W/4]
      const flat = reshape(toArray(pooled2), [images.shape[0] ?? 0, features]);
      return { features: flat, logits: linear(parameters.at('linear'), flat, shape.classes) };
    },
  };
}

/** The paper's MNIST classifier, 83,466 parameters, 3,136 features. */
export const evaluatorNetwork = evaluatorFor({ imageSize: 28, classes: 10 });
