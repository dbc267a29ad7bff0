import {
  add,
  concat,
  depthToSpace,
  maxPool,
  relu,
  reshape,
  spaceToDepth,
  toArray,
  toImage,
  type Tensor,
} from '../graph/index.js';
import { oneHot, sinusoidalEmbedding } from '../nn/embeddings.js';
import { convolution, linear, upConvolution } from '../nn/layers.js';
import { scoped, type Parameters } from '../nn/parameters.js';

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
   * 2 folds each 2×2 window of pixels into channels before the first level and unfolds the prediction after the last:
   * a quarter of the work per image, and a wider view. Default 1, the paper's.
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

/** Two 3×3 convolutions with ReLU; timestep and class are added, per channel, between them. */
function block(parameters: Parameters, x: Tensor, outputs: number, { time, label }: Conditioning): Tensor {
  const at = (name: string): Parameters => scoped(parameters, name);
  const perChannel = (embedding: Tensor): Tensor =>
    toImage(reshape(embedding, [embedding.shape[0] ?? 0, outputs, 1, 1])); // [B, C, 1, 1]

  const features = relu(convolution(at('conv1'), x, outputs, { kernel: 3, padding: 1 }));
  const timeBias = relu(linear(at('time'), time, outputs));
  const labelBias = relu(linear(at('label'), label, outputs));
  const conditioned = add(features, perChannel(add(timeBias, labelBias)));
  return relu(convolution(at('conv2'), conditioned, outputs, { kernel: 3, padding: 1 }));
}

/**
 * The prediction [B, C, H, W] for noisy images x [B, C, H, W] at timesteps [B] with labels [B] (float32; -1 withholds the
 * class: its branch is fed the zero vector).
 */
export function unet(config: UNetConfig, parameters: Parameters, x: Tensor, timesteps: Tensor, labels: Tensor): Tensor {
  const at = (name: string): Parameters => scoped(parameters, name);
  const conditioning = {
    time: sinusoidalEmbedding(timesteps, config.timeEmbedding),
    label: oneHot(labels, config.classes),
  };
  const levels = config.channels.slice(0, -1);
  const bottleneck = config.channels.at(-1) ?? 0;

  const patched = config.patchSize === 2;
  let features = patched ? spaceToDepth(toImage(x)) : toImage(x);
  const skips: Tensor[] = [];
  for (const [level, channels] of levels.entries()) {
    const skip = block(at(`down${level + 1}`), features, channels, conditioning);
    skips.push(skip);
    features = maxPool(skip);
  }
  features = block(at('bottleneck'), features, bottleneck, conditioning);
  for (const [index, channels] of levels.toReversed().entries()) {
    const upsampled = upConvolution(at(`upsample${index + 1}`), features, channels);
    const skip = skips.pop();
    features = skip ? concat([upsampled, skip], 1) : upsampled;
    features = block(at(`up${index + 1}`), features, channels, conditioning);
  }
  const outputs = config.imageChannels * (patched ? 4 : 1);
  const prediction = convolution(at('output'), features, outputs, { kernel: 1, padding: 0 });
  return toArray(patched ? depthToSpace(prediction) : prediction);
}
