import { add, mul, reduceSum, relu, reshape, scalar, sumPool, toArray, toImage, type Tensor } from '../graph/index.js';
import type { ClassifierNetwork, ClassifierShape } from './classifier-network.js';
import { even, folded } from './halving.js';
import { type ConvolutionLayer, normalizedConvolutions } from './normalized-convolutions.js';

/** Maps of the last convolution. */
const MAPS = 64;

/** Larger images are folded first: the cost of 5×5 convolutions grows with the pixels. */
const LARGEST = 32;

/** Images [B, C, H, W] in [-1, 1] -> features [B, 256]. */
function extractFeatures(layer: ConvolutionLayer, images: Tensor): Tensor {
  // Black becomes 0, which is also what convolutions see beyond the edge.
  const x = folded(mul(add(toImage(images), scalar(1)), scalar(0.5)), LARGEST); // 28x28: [B, 1, 28, 28]
  const halve = (maps: Tensor): Tensor => mul(sumPool(even(relu(maps))), scalar(1 / 4));
  const half = halve(layer('conv1', x, 16)); // [B, 16, 14, 14]
  const quarter = halve(layer('conv2', half, 32)); // [B, 32, 7, 7]
  const maps = toArray(even(relu(layer('conv3', quarter, MAPS)))); // [B, 64, 6, 6]
  const [batch = 0, , height = 0, width = 0] = maps.shape;
  const quadrants = reshape(maps, [batch, MAPS, 2, height / 2, 2, width / 2]);
  return mul(reshape(reduceSum(quadrants, [3, 5]), [batch, 4 * MAPS]), scalar(4 / (height * width)));
}

/**
 * A second network for Fréchet distances, unlike the first in kernels, pooling and what its features are: three 5×5 convolutions with
 * ReLU and 2×2 average pooling, whose last 64 maps are averaged over each quarter of the image, 256 features that say what is where;
 * and a linear layer to the classes. Images of more than 32 pixels are folded to at most that first.
 */
export function secondFeatureNetworkFor(shape: ClassifierShape): ClassifierNetwork {
  return {
    name: 'second-feature-network',
    ...shape,
    features: 4 * MAPS,
    ...normalizedConvolutions(shape.classes, extractFeatures, 5),
  };
}

/** The second feature network of the digits. */
export const secondFeatureNetwork = secondFeatureNetworkFor({ imageSize: 28, classes: 10 });
