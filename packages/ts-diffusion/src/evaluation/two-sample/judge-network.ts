import {
  add,
  concat,
  maxPool,
  mul,
  reduceSum,
  relu,
  scalar,
  sqrt,
  sub,
  toImage,
  type Tensor,
} from '../../graph/index.js';
import type { ClassifierNetwork, ClassifierShape } from '../../classifier/classifier-network.js';
import { even, folded } from '../../classifier/halving.js';
import { type ConvolutionLayer, normalizedConvolutions } from '../../classifier/normalized-convolutions.js';

/** Channels of the three convolutions. */
const WIDTHS = [16, 32, 64] as const;
const FEATURES = WIDTHS[2];

/** Images are folded until they are no larger, which hides nothing and costs less than convolutions over every pixel. */
const LARGEST = 16;

function extractFeatures(layer: ConvolutionLayer, images: Tensor): Tensor {
  const share = mul(add(toImage(images), scalar(1)), scalar(0.5)); // 0..1
  // Beside the brightness its square root, and that of the darkness: they spread out the levels next to black and next to white.
  const seen = concat([share, sqrt(share), sqrt(relu(sub(scalar(1), share)))], 1);
  let x = folded(seen, LARGEST);
  x = relu(maxPool(even(layer('conv1', x, WIDTHS[0]))));
  x = relu(layer('conv2', x, WIDTHS[1]));
  x = relu(layer('conv3', x, WIDTHS[2]));
  const [, , height = 0, width = 0] = x.shape;
  return mul(reduceSum(x, [2, 3]), scalar(1 / (height * width)));
}

/**
 * The network of the two-sample test (`judge`), which tells real images (class 0) from samples (class 1): 2×2 pixels are folded into
 * channels until the side is at most 16, then come three 3×3 convolutions with ReLU, a 2×2 max pooling after the first, the average of the
 * last maps, and a linear layer.
 */
export function judgeNetworkFor({ imageSize, imageChannels }: Omit<ClassifierShape, 'classes'>): ClassifierNetwork {
  return {
    name: 'judge',
    imageSize,
    imageChannels,
    classes: 2,
    features: FEATURES,
    ...normalizedConvolutions(2, extractFeatures, 3),
  };
}
