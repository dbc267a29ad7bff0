import {
  averagePool2d,
  concat,
  constant,
  input,
  lower,
  loweringTarget,
  maxPool2d,
  relu,
  reshape,
  resizeBilinear,
  scalar,
  sizeOf,
  stridedConv2d,
  sub,
  div,
  type Shape,
  type Target,
  type Tensor,
} from '../graph/index.js';

/** Length of an image's feature vector: the channels of the last block ("pool3"). */
export const INCEPTION_FEATURES = 2048;

/** Height and width that images are resized to. */
const INPUT_SIZE = 299;

/** torchvision's `BasicConv2d`. */
const BATCH_NORM_EPSILON = 0.001;

/** The weights by PyTorch's names, e.g. `Mixed_5b.branch1x1.conv.weight`; checks that a tensor is there and has the shape. */
export type WeightSource = (name: string, shape: Shape) => Float32Array;

interface ConvolutionOptions {
  readonly stride?: number;
  /** `same` (default): the output is as large as the input; `valid`: no padding. */
  readonly padding?: 'same' | 'valid';
}

/** torchvision's `BasicConv2d` of one name: convolution without bias, batch normalisation, ReLU. */
type ConvolutionLayer = (
  x: Tensor,
  name: string,
  outputs: number,
  kernel: readonly [height: number, width: number],
  options?: ConvolutionOptions,
) => Tensor;

/** A block of the network: [N, I, H, W] -> [N, O, H', W']. */
type Block = (x: Tensor, convolution: ConvolutionLayer) => Tensor;

/** The batch normalisation with its running statistics is affine, so it goes into the filter and a bias. */
function convolutionLayers(weights: WeightSource, prefix: string): ConvolutionLayer {
  return (x, name, outputs, kernel, { stride = 1, padding = 'same' } = {}) => {
    const filterShape = [outputs, x.shape[1] ?? 0, ...kernel];
    const filter = weights(`${prefix}${name}.conv.weight`, filterShape).slice();
    const normalisation = (part: string): Float32Array => weights(`${prefix}${name}.bn.${part}`, [outputs]);
    const [gamma, beta] = [normalisation('weight'), normalisation('bias')];
    const [mean, variance] = [normalisation('running_mean'), normalisation('running_var')];
    const bias = new Float32Array(outputs);
    const taps = filter.length / outputs;
    for (let o = 0; o < outputs; o++) {
      const scale = (gamma[o] as number) / Math.sqrt((variance[o] as number) + BATCH_NORM_EPSILON);
      bias[o] = (beta[o] as number) - (mean[o] as number) * scale;
      for (let i = o * taps; i < (o + 1) * taps; i++) filter[i] = (filter[i] as number) * scale;
    }
    const margin = (size: number): number => (padding === 'same' ? (size - 1) / 2 : 0);
    const window = { stride, padding: [margin(kernel[0]), margin(kernel[1])] as const };
    return relu(stridedConv2d(x, constant(filter, filterShape), constant(bias), window));
  };
}

const downsample = { stride: 2, padding: 'valid' } as const;
const pool3x3 = { kernel: [3, 3], padding: [1, 1] } as const;
const halve = { kernel: [3, 3], stride: 2 } as const;

/** TensorFlow's average pooling leaves padding out of the mean, as `averagePool2d` does and torchvision's blocks do not. */
const averagePool = (x: Tensor): Tensor => averagePool2d(x, pool3x3);

const stem: Block = (x, convolution) => {
  const convolved1 = convolution(x, 'Conv2d_1a_3x3', 32, [3, 3], downsample); // [N, 32, 149, 149]
  const convolved2 = convolution(convolved1, 'Conv2d_2a_3x3', 32, [3, 3], { padding: 'valid' });
  const convolved3 = convolution(convolved2, 'Conv2d_2b_3x3', 64, [3, 3]); // [N, 64, 147, 147]
  const convolved4 = convolution(maxPool2d(convolved3, halve), 'Conv2d_3b_1x1', 80, [1, 1]);
  const convolved5 = convolution(convolved4, 'Conv2d_4a_3x3', 192, [3, 3], { padding: 'valid' });
  return maxPool2d(convolved5, halve); // [N, 192, 35, 35]
};

/** `FIDInceptionA`: 35×35. */
const blockA =
  (poolChannels: number): Block =>
  (x, convolution) => {
    const branch5x5 = convolution(x, 'branch5x5_1', 48, [1, 1]);
    const double1 = convolution(x, 'branch3x3dbl_1', 64, [1, 1]);
    const double2 = convolution(double1, 'branch3x3dbl_2', 96, [3, 3]);
    return concat(
      [
        convolution(x, 'branch1x1', 64, [1, 1]),
        convolution(branch5x5, 'branch5x5_2', 64, [5, 5]),
        convolution(double2, 'branch3x3dbl_3', 96, [3, 3]),
        convolution(averagePool(x), 'branch_pool', poolChannels, [1, 1]),
      ],
      1,
    );
  };

/** `InceptionB`: 35×35 -> 17×17. */
const blockB: Block = (x, convolution) => {
  const double1 = convolution(x, 'branch3x3dbl_1', 64, [1, 1]);
  const double2 = convolution(double1, 'branch3x3dbl_2', 96, [3, 3]);
  return concat(
    [
      convolution(x, 'branch3x3', 384, [3, 3], downsample),
      convolution(double2, 'branch3x3dbl_3', 96, [3, 3], downsample),
      maxPool2d(x, halve),
    ],
    1,
  );
};

/** `FIDInceptionC`: 17×17. */
const blockC =
  (channels: number): Block =>
  (x, convolution) => {
    const single1 = convolution(x, 'branch7x7_1', channels, [1, 1]);
    const single2 = convolution(single1, 'branch7x7_2', channels, [1, 7]);
    const double1 = convolution(x, 'branch7x7dbl_1', channels, [1, 1]);
    const double2 = convolution(double1, 'branch7x7dbl_2', channels, [7, 1]);
    const double3 = convolution(double2, 'branch7x7dbl_3', channels, [1, 7]);
    const double4 = convolution(double3, 'branch7x7dbl_4', channels, [7, 1]);
    return concat(
      [
        convolution(x, 'branch1x1', 192, [1, 1]),
        convolution(single2, 'branch7x7_3', 192, [7, 1]),
        convolution(double4, 'branch7x7dbl_5', 192, [1, 7]),
        convolution(averagePool(x), 'branch_pool', 192, [1, 1]),
      ],
      1,
    );
  };

/** `InceptionD`: 17×17 -> 8×8. */
const blockD: Block = (x, convolution) => {
  const branch3x3 = convolution(x, 'branch3x3_1', 192, [1, 1]);
  const branch7x7x3 = convolution(x, 'branch7x7x3_1', 192, [1, 1]);
  const rows = convolution(branch7x7x3, 'branch7x7x3_2', 192, [1, 7]);
  const columns = convolution(rows, 'branch7x7x3_3', 192, [7, 1]);
  return concat(
    [
      convolution(branch3x3, 'branch3x3_2', 320, [3, 3], downsample),
      convolution(columns, 'branch7x7x3_4', 192, [3, 3], downsample),
      maxPool2d(x, halve),
    ],
    1,
  );
};

/** `FIDInceptionE_1` and `FIDInceptionE_2`: 8×8. They differ in their pooling. */
const blockE =
  (pool: (x: Tensor) => Tensor): Block =>
  (x, convolution) => {
    const branch3x3 = convolution(x, 'branch3x3_1', 384, [1, 1]);
    const double1 = convolution(x, 'branch3x3dbl_1', 448, [1, 1]);
    const double2 = convolution(double1, 'branch3x3dbl_2', 384, [3, 3]);
    return concat(
      [
        convolution(x, 'branch1x1', 320, [1, 1]),
        convolution(branch3x3, 'branch3x3_2a', 384, [1, 3]),
        convolution(branch3x3, 'branch3x3_2b', 384, [3, 1]),
        convolution(double2, 'branch3x3dbl_3a', 384, [1, 3]),
        convolution(double2, 'branch3x3dbl_3b', 384, [3, 1]),
        convolution(pool(x), 'branch_pool', 192, [1, 1]),
      ],
      1,
    );
  };

/** The last block takes maxima: a slip of the network of 2015 that FID keeps. */
const maximumPool = (x: Tensor): Tensor => maxPool2d(x, pool3x3);

const blocks: readonly (readonly [name: string, block: Block])[] = [
  ['Mixed_5b', blockA(32)],
  ['Mixed_5c', blockA(64)],
  ['Mixed_5d', blockA(64)],
  ['Mixed_6a', blockB],
  ['Mixed_6b', blockC(128)],
  ['Mixed_6c', blockC(160)],
  ['Mixed_6d', blockC(160)],
  ['Mixed_6e', blockC(192)],
  ['Mixed_7a', blockD],
  ['Mixed_7b', blockE(averagePool)],
  ['Mixed_7c', blockE(maximumPool)],
];

/** A gray image as RGB has three equal channels, which the first filter sums up: one channel, seen through that sum. */
function graySource(weights: WeightSource): WeightSource {
  return (name, shape) => {
    const [outputs = 0, channels, ...kernel] = shape;
    if (channels !== 1 || !name.startsWith('Conv2d_1a_3x3.conv')) return weights(name, shape);
    const rgb = weights(name, [outputs, 3, ...kernel]);
    const taps = sizeOf(kernel);
    return Float32Array.from({ length: outputs * taps }, (_, i) => {
      const first = Math.floor(i / taps) * 3 * taps + (i % taps);
      return (rgb[first] as number) + (rgb[first + taps] as number) + (rgb[first + 2 * taps] as number);
    });
  };
}

/**
 * The features of images [N, C, H, W] (0..255, C = 1 gray or 3 RGB): [N, 2048], as pytorch-fid 0.3.0 computes them with its
 * `InceptionV3([3])`: pixels / 255, bilinear to 299×299, 2x − 1, Inception-v3 of 2015-12-05, mean over the last 8×8 pixels.
 */
export function inceptionFeatures(weights: WeightSource, images: Tensor): Tensor {
  const [batch = 0] = images.shape;
  const unit = sub(div(images, scalar(127.5)), scalar(1));
  // 2x - 1 commutes with interpolation, and the images are mostly smaller before it.
  let features = resizeBilinear(unit, [INPUT_SIZE, INPUT_SIZE]);
  features = stem(features, convolutionLayers(graySource(weights), ''));
  for (const [name, block] of blocks) features = block(features, convolutionLayers(weights, `${name}.`));
  const [, , height = 0, width = 0] = features.shape; // [N, 2048, 8, 8]
  return reshape(averagePool2d(features, { kernel: [height, width] }), [batch, INCEPTION_FEATURES]);
}

/** The network for images of one size in batches of any: input `images` [batch, C, H, W], output `features` [batch, 2048]. */
export function buildInception(
  weights: WeightSource,
  { channels, height, width }: { channels: 1 | 3; height: number; width: number },
  target: Target,
): { readonly model: Uint8Array } {
  // The size is replaced by the symbolic name; any one will do.
  const features = inceptionFeatures(weights, input('images', [1, channels, height, width]));
  return {
    model: lower(
      { features },
      { name: 'inception-v3', target: loweringTarget(target, 'inference'), dynamicBatch: 'batch' },
    ),
  };
}
