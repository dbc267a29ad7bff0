import { parseDiffusersConfig } from '../models/unet2d/diffusers-config.js';
import type { UNet2DConfig } from '../models/unet2d/unet2d-config.js';
import { ConfigError } from '../utils/errors.js';

/** What of a training configuration decides the network. */
interface UNet2DFields {
  /** Fields of diffusers' `config.json`. */
  readonly unet2d?: Readonly<Record<string, unknown>> | undefined;
  readonly channels: readonly number[];
  readonly attention: string;
  readonly labelDropout: number;
}

/** The images that a network is for; `classes` undefined: not known yet. */
interface ImagesOfNetwork {
  readonly imageSize: number;
  readonly imageChannels: number;
  readonly classes: number | undefined;
}

const GROUPS = 8;

/** The side of the smallest images that the network takes; that of others is a multiple of it. */
export function lowestSize({ unet2d = {}, channels }: UNet2DFields): number {
  const { block_out_channels: widths = channels } = unet2d;
  return 2 ** ((Array.isArray(widths) ? widths.length : 1) - 1);
}

/**
 * The `unet2d` of a training configuration: with residual blocks at every level of `channels` and attention at the lowest, as far as the
 * field `unet2d` does not say otherwise. Images of several classes get one class embedding more, for images without a class.
 *
 * @throws ConfigError naming the field that is not supported, and where the classes of network and images differ
 */
export function unet2dFor(config: UNet2DFields, { imageSize, imageChannels, classes }: ImagesOfNetwork): UNet2DConfig {
  const { unet2d = {}, channels, attention, labelDropout } = config;
  const { num_class_embeds: embeddings } = unet2d;
  const isLowest = (level: number): boolean => level === channels.length - 1 && attention === 'bottleneck';
  const down = channels.map((_, level) => (isLowest(level) ? 'AttnDownBlock2D' : 'DownBlock2D'));
  const up = channels.map((_, level) => (isLowest(level) ? 'AttnUpBlock2D' : 'UpBlock2D')).reverse();
  const ofImages = classes === undefined || classes === 1 ? null : classes + 1;
  // Without `num_class_embeds`, or with as many as classes and one more, the last one stands for no class.
  const nullClass = ofImages !== null && (embeddings === undefined || embeddings === ofImages);
  const fields = {
    block_out_channels: channels,
    down_block_types: down,
    up_block_types: up,
    add_attention: attention === 'bottleneck',
    norm_num_groups: GROUPS,
    num_class_embeds: ofImages,
    ...unet2d,
    sample_size: imageSize,
    in_channels: imageChannels,
    out_channels: imageChannels,
  };
  const model = parseDiffusersConfig(fields, 'training configuration: "unet2d"', { nullClass });
  if (model.timeEmbedding === 'fourier') {
    throw new ConfigError(
      'training configuration: "unet2d": "time_embedding_type" is "fourier", which is not trained here.',
    );
  }
  if (model.classEmbedding === 'none' || classes === undefined) return model;
  if (model.classes !== classes) {
    throw new ConfigError(
      `training configuration: "unet2d": "num_class_embeds" is ${JSON.stringify(embeddings)}, but the images have ${classes} classes; ` +
        `expected ${classes + 1}, of which the last stands for no class, ${classes}, or null for a network without classes.`,
    );
  }
  if (!nullClass && labelDropout > 0) {
    throw new ConfigError(
      `training configuration: "labelDropout" is ${labelDropout}, but this network has no class that stands for none. Set it to 0.`,
    );
  }
  return model;
}
