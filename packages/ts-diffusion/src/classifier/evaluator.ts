import { maxPool, relu, reshape, toArray, toImage } from '../graph/index.js';
import { convolution, linear } from '../nn/layers.js';
import type { ClassifierNetwork } from './classifier-network.js';

/**
 * The paper's MNIST classifier (section 3.5): "two pooling and convolution layers as well as one linear", 83,466 parameters.
 * Each convolution is 5×5 with padding 2, as in the paper's repository, and is followed by ReLU and 2×2 max pooling. What
 * the linear layer sees, 64 maps of 7×7, are its features.
 */
export const evaluatorNetwork: ClassifierNetwork = {
  name: 'evaluator',
  imageSize: 28,
  classes: 10,
  features: 64 * 7 * 7,
  build: (parameters, images) => {
    const kernel = { kernel: 5, padding: 2 };
    const pooled1 = maxPool(relu(convolution(parameters.at('conv1'), toImage(images), 32, kernel))); // [B, 32, 14, 14]
    const pooled2 = maxPool(relu(convolution(parameters.at('conv2'), pooled1, 64, kernel))); // [B, 64, 7, 7]
    const features = reshape(toArray(pooled2), [images.shape[0] ?? 0, 64 * 7 * 7]); // [B, 3136]
    return { features, logits: linear(parameters.at('linear'), features, 10) };
  },
};
