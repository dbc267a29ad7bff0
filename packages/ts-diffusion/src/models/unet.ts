import { add, concat, maxPool, relu, reshape, toArray, toImage, type Tensor } from '../graph/index.js';
import { oneHot, sinusoidalEmbedding } from '../nn/embeddings.js';
import { convolution, linear, upConvolution } from '../nn/layers.js';
import type { ParameterScope } from '../nn/parameters.js';
import { fromPatches, toPatches } from './patches.js';

/** A U-Net as in the paper (section 3.2.1); its own is `paperUNet`. */
export interface UNetConfig {
  readonly architecture: 'paper-unet';
  /** Height and width of the images, divisible by patchSize · 2^(channels.length - 1). */
  readonly imageSize: number;
  /** Feature channels of each level, outermost first; the last is the bottleneck's. */
  readonly channels: readonly number[];
  readonly classes: number;
  readonly imageChannels: number;
  /**
   * 1, 2 or 4: folds each window of that side into channels before the first level and unfolds the prediction after the
   * last. With 2, a quarter of the work per image, and a wider view. Default 1, the paper's.
   */
  readonly patchSize?: number;
  /** Length of the sinusoidal timestep embedding, even. */
  readonly timeEmbedding: number;
}

/** The paper's configuration: 1,889,857 parameters. */
export const paperUNet: UNetConfig = {
  architecture: 'paper-unet',
  imageSize: 28,
  channels: [64, 128, 256],
  classes: 10,
  imageChannels: 1,
  timeEmbedding: 32,
};

/** What the network is conditioned on, embedded once and fed to every block. */
interface Conditioning {
  readonly time: Tensor; // [B, timeEmbedding]
  readonly label: Tensor; // [B, classes]
}

/** Two 3×3 convolutions with ReLU, [B, I, H, W] -> [B, O, H, W]; timestep and class are added, per channel, between them. */
function block(parameters: ParameterScope, x: Tensor, outputs: number, { time, label }: Conditioning): Tensor {
  const [batch = 0] = x.shape;
  const sameSize = { kernel: 3, padding: 1 };
  const features = relu(convolution(parameters.at('conv1'), x, outputs, sameSize)); // [B, O, H, W]
  const timeBias = relu(linear(parameters.at('time'), time, outputs)); // [B, O]
  const labelBias = relu(linear(parameters.at('label'), label, outputs)); // [B, O]
  const bias = toImage(reshape(add(timeBias, labelBias), [batch, outputs, 1, 1])); // [B, O, 1, 1]
  const conditioned = add(features, bias); // [B, O, H, W]
  return relu(convolution(parameters.at('conv2'), conditioned, outputs, sameSize)); // [B, O, H, W]
}

/**
 * The prediction [B, C, H, W] for noisy images x [B, C, H, W] at timesteps [B] with labels [B] (float32; -1 withholds the
 * class: its branch is fed the zero vector). Shapes at the levels are those of the paper's network, of 28×28 pixels and
 * the channels 64, 128, 256.
 */
export function unet(
  config: UNetConfig,
  parameters: ParameterScope,
  x: Tensor,
  timesteps: Tensor,
  labels: Tensor,
): Tensor {
  const conditioning = {
    time: sinusoidalEmbedding(timesteps, config.timeEmbedding), // [B, 32]
    label: oneHot(labels, config.classes), // [B, 10]
  };
  const levels = config.channels.slice(0, -1);
  const bottleneck = config.channels.at(-1) ?? 0;

  const { patchSize = 1 } = config;
  let features = toPatches(toImage(x), patchSize); // [B, 1, 28, 28]; in patches of 2 [B, 4, 14, 14]
  const skips: Tensor[] = [];
  for (const [level, channels] of levels.entries()) {
    const skip = block(parameters.at(`down${level + 1}`), features, channels, conditioning);
    skips.push(skip); // [B, 64, 28, 28], [B, 128, 14, 14]
    features = maxPool(skip); // [B, 64, 14, 14], [B, 128, 7, 7]
  }
  features = block(parameters.at('bottleneck'), features, bottleneck, conditioning); // [B, 256, 7, 7]
  for (const [index, channels] of levels.toReversed().entries()) {
    const upsampled = upConvolution(parameters.at(`upsample${index + 1}`), features, channels); // [B, 128, 14, 14], [B, 64, 28, 28]
    const skip = skips.pop();
    features = skip ? concat([upsampled, skip], 1) : upsampled; // [B, 256, 14, 14], [B, 128, 28, 28]
    features = block(parameters.at(`up${index + 1}`), features, channels, conditioning); // [B, 128, 14, 14], …
  }
  const outputs = config.imageChannels * patchSize ** 2;
  const prediction = convolution(parameters.at('output'), features, outputs, { kernel: 1, padding: 0 }); // [B, 1, 28, 28]
  return toArray(fromPatches(prediction, patchSize));
}
