import { add, maxPool, mul, reduceSum, relu, scalar, toImage, type Tensor } from '../graph/index.js';
import { convolution, linear } from '../nn/layers.js';
import { batchNorm, type BatchMoments } from '../nn/normalization.js';
import { normOf } from './batch-norm-folding.js';
import type { ClassifierNetwork } from './classifier-network.js';

const CLASSES = 10;
const FEATURES = 128;

/** A 3×3 convolution that keeps height and width, named as in the network, with what comes before its ReLU. */
type ConvolutionLayer = (name: string, x: Tensor, outputs: number) => Tensor;

/** Images [B, 1, 28, 28] in [-1, 1] -> features [B, 128]. */
function extractFeatures(layer: ConvolutionLayer, images: Tensor): Tensor {
  // Black becomes 0, which is also what convolutions see beyond the edge.
  let x = mul(add(toImage(images), scalar(1)), scalar(0.5)); // [B, 1, 28, 28]
  // ReLU after pooling is ReLU before it, on a quarter of the pixels.
  x = relu(maxPool(layer('conv1', x, 16))); // [B, 16, 14, 14]
  x = relu(layer('conv2', x, 32)); // [B, 32, 14, 14]
  x = relu(maxPool(layer('conv3', x, 32))); // [B, 32, 7, 7]
  x = relu(layer('conv4', x, 64)); // [B, 64, 7, 7]
  x = relu(layer('conv5', x, FEATURES)); // [B, 128, 7, 7]
  const [, , height = 0, width = 0] = x.shape;
  return mul(reduceSum(x, [2, 3]), scalar(1 / (height * width))); // [B, 128]
}

/**
 * The network behind Fréchet distance, KID, precision and recall: five 3×3 convolutions with ReLU, whose last maps are
 * averaged over the image to 128 features, and a linear layer to the classes.
 */
export const featureNetwork: ClassifierNetwork = {
  name: 'feature-network',
  imageSize: 28,
  classes: CLASSES,
  features: FEATURES,
  build: (parameters, images) => {
    const features = extractFeatures(
      (name, x, outputs) => convolution(parameters.at(name), x, outputs, { kernel: 3, padding: 1 }),
      images,
    );
    return { features, logits: linear(parameters.at('linear'), features, CLASSES) };
  },
  buildNormalized: (parameters, images) => {
    const moments = new Map<string, BatchMoments>();
    const features = extractFeatures((name, x, outputs) => {
      const options = { kernel: 3, padding: 1, hasBias: false };
      const normalized = batchNorm(parameters.at(normOf(name)), convolution(parameters.at(name), x, outputs, options));
      moments.set(name, normalized.moments);
      return normalized.output;
    }, images);
    return { features, logits: linear(parameters.at('linear'), features, CLASSES), moments };
  },
};
