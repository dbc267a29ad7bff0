import { add, maxPool, mul, reduceSum, relu, scalar, toImage, type Tensor } from '../graph/index.js';
import type { ClassifierNetwork, ClassifierShape } from './classifier-network.js';
import { even, folded } from './halving.js';
import { type ConvolutionLayer, normalizedConvolutions } from './normalized-convolutions.js';

const FEATURES = 128;

/** Larger images are folded first, which costs the first layers less. */
const LARGEST = 64;

/** Maps are halved until they are no larger than this; the last ones are averaged. */
const LAST = 8;

/** Images [B, C, H, W] in [-1, 1] -> features [B, 128]. */
function extractFeatures(layer: ConvolutionLayer, images: Tensor): Tensor {
  // Black becomes 0, which is also what convolutions see beyond the edge.
  let x = folded(mul(add(toImage(images), scalar(1)), scalar(0.5)), LARGEST); // [B, C, H, W]
  let layers = 0;
  const convolve = (outputs: number): Tensor => layer(`conv${++layers}`, x, outputs);
  const isLarge = (): boolean => (x.shape[2] ?? 0) > LAST;
  // ReLU after pooling is ReLU before it, on a quarter of the pixels.
  const halve = (maps: Tensor): Tensor => relu(maxPool(even(maps)));
  const first = convolve((x.shape[1] ?? 1) === 1 ? 16 : 32);
  x = isLarge() ? halve(first) : relu(first); // 28x28: [B, 16, 14, 14]
  for (let width = 32; isLarge(); width = 64) {
    x = relu(convolve(width)); // [B, 32, 14, 14]
    x = halve(convolve(width)); // [B, 32, 7, 7]
  }
  x = relu(convolve(64)); // [B, 64, 7, 7]
  x = relu(convolve(FEATURES)); // [B, 128, 7, 7]
  const [, , height = 0, width = 0] = x.shape;
  return mul(reduceSum(x, [2, 3]), scalar(1 / (height * width))); // [B, 128]
}

/**
 * The network behind Fréchet distance, KID, precision and recall: 3×3 convolutions with ReLU and 2×2 max pooling until the maps
 * are no larger than 8×8, whose average over the image gives 128 features, and a linear layer to the classes. Images of more than
 * 64 pixels are folded to at most that first.
 */
export function featureNetworkFor(shape: ClassifierShape): ClassifierNetwork {
  return {
    name: 'feature-network',
    ...shape,
    features: FEATURES,
    ...normalizedConvolutions(shape.classes, extractFeatures, 3),
  };
}

/** The feature network of the digits: five convolutions. */
export const featureNetwork = featureNetworkFor({ imageSize: 28, classes: 10 });
