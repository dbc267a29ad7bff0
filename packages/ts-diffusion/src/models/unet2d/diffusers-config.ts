import { z } from 'zod';
import { fieldRefusal } from '../../utils/field-refusal.js';
import { ConfigError } from '../../utils/errors.js';
import type { UNet2DBlock, UNet2DConfig } from './unet2d-config.js';

/** Far beyond what runs here; a file that asks for more is refused before anything is built. */
const LARGEST = { imageSize: 1024, channels: 8192, levels: 8, layers: 16, classes: 65_536 } as const;

const upTo = (largest: number) => z.int().min(1).max(largest);
const perLevel = <Type extends z.ZodType>(type: Type) => z.array(type).min(1).max(LARGEST.levels);

/** `config.json` of a `UNet2DModel`: the fields of diffusers with their defaults, the values that this program knows. */
export const diffusersConfigSchema = z.strictObject({
  _class_name: z.literal('UNet2DModel').default('UNet2DModel'),
  _diffusers_version: z.string().exactOptional(),
  _name_or_path: z.string().nullable().exactOptional(),
  sample_size: z
    .union([upTo(LARGEST.imageSize), z.tuple([upTo(LARGEST.imageSize), upTo(LARGEST.imageSize)])])
    .nullable()
    .default(null),
  in_channels: upTo(4).default(3),
  out_channels: upTo(4).default(3),
  center_input_sample: z.boolean().default(false),
  time_embedding_type: z.enum(['positional', 'fourier']).default('positional'),
  time_embedding_dim: z.null().default(null),
  freq_shift: z.number().min(0).max(1).default(0),
  flip_sin_to_cos: z.boolean().default(true),
  down_block_types: perLevel(z.enum(['DownBlock2D', 'AttnDownBlock2D'])).default([
    'DownBlock2D',
    'AttnDownBlock2D',
    'AttnDownBlock2D',
    'AttnDownBlock2D',
  ]),
  mid_block_type: z.literal('UNetMidBlock2D').default('UNetMidBlock2D'),
  up_block_types: perLevel(z.enum(['UpBlock2D', 'AttnUpBlock2D'])).default([
    'AttnUpBlock2D',
    'AttnUpBlock2D',
    'AttnUpBlock2D',
    'UpBlock2D',
  ]),
  block_out_channels: perLevel(upTo(LARGEST.channels)).default([224, 448, 672, 896]),
  layers_per_block: upTo(LARGEST.layers).default(2),
  mid_block_scale_factor: z.number().positive().default(1),
  downsample_padding: z.union([z.literal(0), z.literal(1)]).default(1),
  downsample_type: z.enum(['conv', 'resnet']).default('conv'),
  upsample_type: z.enum(['conv', 'resnet']).default('conv'),
  dropout: z.number().min(0).lt(1).default(0),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  attention_legacy_order: z.literal(false).default(false),
  attention_head_dim: upTo(LARGEST.channels).nullable().default(8),
  norm_num_groups: upTo(LARGEST.channels).default(32),
  attn_norm_num_groups: upTo(LARGEST.channels).nullable().default(null),
  norm_eps: z.number().positive().max(1).default(1e-5),
  resnet_time_scale_shift: z.enum(['default', 'scale_shift']).default('default'),
  add_attention: z.boolean().default(true),
  class_embed_type: z.literal('timestep').nullable().default(null),
  num_class_embeds: upTo(LARGEST.classes).nullable().default(null),
  num_train_timesteps: z.int().nullable().default(null),
});

/** A complete `config.json` of a `UNet2DModel`. */
export type DiffusersConfig = z.output<typeof diffusersConfigSchema>;

/** What a `config.json` leaves open. */
export interface DiffusersConfigOptions {
  /** Whether the last of the class embeddings stands for an image without a class, as in training for guidance; default false. */
  readonly nullClass?: boolean | undefined;
  /** Number of classes, where the file does not say: `class_embed_type` "timestep" without `num_class_embeds`. */
  readonly classes?: number | undefined;
  /** Height and width of the images, where the file does not say; default: its `sample_size`. */
  readonly imageSize?: number | undefined;
}

/**
 * The network of a `config.json` of diffusers' `UNet2DModel`. `dropout` is left to the configuration of a training.
 *
 * @param value as JSON has it
 * @param path only for the messages
 * @throws ConfigError naming the first field and value that no network here has
 */
export function parseDiffusersConfig(value: unknown, path: string, options: DiffusersConfigOptions = {}): UNet2DConfig {
  const { success, data, error } = diffusersConfigSchema.safeParse(value);
  if (!success) throw new ConfigError(`${path}: ${fieldRefusal(error, value)}`);
  const refuse = (field: keyof DiffusersConfig, expected: string): never => {
    throw new ConfigError(`${path}: "${field}" is ${JSON.stringify(data[field])}; expected ${expected}.`);
  };
  const levels = data.block_out_channels.length;
  if (data.down_block_types.length !== levels) refuse('down_block_types', `${levels} types, as "block_out_channels"`);
  if (data.up_block_types.length !== levels) refuse('up_block_types', `${levels} types, as "block_out_channels"`);
  if (data.out_channels !== data.in_channels) {
    refuse('out_channels', `"in_channels", ${data.in_channels}: networks that predict a variance are not supported`);
  }
  const [height, width] = [options.imageSize ?? data.sample_size].flat();
  if (height === undefined || height === null) return refuse('sample_size', 'a number. Give --image-size');
  if (width !== undefined && width !== height) refuse('sample_size', 'a square');
  return {
    architecture: 'unet2d',
    imageSize: height,
    imageChannels: data.in_channels,
    ...classesOf(data, options, refuse),
    channels: data.block_out_channels,
    downBlocks: data.down_block_types.map(blockOf),
    upBlocks: data.up_block_types.map(blockOf),
    layersPerBlock: data.layers_per_block,
    midAttention: data.add_attention,
    midScale: data.mid_block_scale_factor,
    headChannels: data.attention_head_dim,
    normGroups: data.norm_num_groups,
    midNormGroups: data.attn_norm_num_groups,
    normEpsilon: data.norm_eps,
    timeEmbedding: data.time_embedding_type === 'fourier' ? 'fourier' : 'sinusoidal',
    cosinesFirst: data.flip_sin_to_cos,
    frequencyShift: data.freq_shift,
    timeConditioning: data.resnet_time_scale_shift === 'default' ? 'add' : 'scale-shift',
    downsamplePadding: data.downsample_padding,
    downsampling: data.downsample_type,
    upsampling: data.upsample_type,
    centersInput: data.center_input_sample,
  };
}

/** The `config.json` of a network, complete: `UNet2DModel.from_config` of diffusers builds the same. */
export function diffusersConfig(config: UNet2DConfig): DiffusersConfig {
  const { classes, classEmbedding, nullClass } = config;
  const isAttention = (block: UNet2DBlock): boolean => block === 'attention';
  return diffusersConfigSchema.parse({
    sample_size: config.imageSize,
    in_channels: config.imageChannels,
    out_channels: config.imageChannels,
    center_input_sample: config.centersInput,
    time_embedding_type: config.timeEmbedding === 'fourier' ? 'fourier' : 'positional',
    freq_shift: config.frequencyShift,
    flip_sin_to_cos: config.cosinesFirst,
    down_block_types: config.downBlocks.map((block) => (isAttention(block) ? 'AttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: config.upBlocks.map((block) => (isAttention(block) ? 'AttnUpBlock2D' : 'UpBlock2D')),
    block_out_channels: [...config.channels],
    layers_per_block: config.layersPerBlock,
    mid_block_scale_factor: config.midScale,
    downsample_padding: config.downsamplePadding,
    downsample_type: config.downsampling,
    upsample_type: config.upsampling,
    attention_head_dim: config.headChannels,
    norm_num_groups: config.normGroups,
    attn_norm_num_groups: config.midNormGroups,
    norm_eps: config.normEpsilon,
    resnet_time_scale_shift: config.timeConditioning === 'add' ? 'default' : 'scale_shift',
    add_attention: config.midAttention,
    class_embed_type: classEmbedding === 'timestep' ? 'timestep' : null,
    num_class_embeds: classEmbedding === 'none' ? null : classes + (nullClass ? 1 : 0),
  });
}

const blockOf = (type: string): UNet2DBlock => (type.startsWith('Attn') ? 'attention' : 'residual');

function classesOf(
  data: DiffusersConfig,
  { nullClass = false, classes }: DiffusersConfigOptions,
  refuse: (field: keyof DiffusersConfig, expected: string) => never,
): Pick<UNet2DConfig, 'classes' | 'classEmbedding' | 'nullClass'> {
  const { class_embed_type: type, num_class_embeds: embeddings } = data;
  if (nullClass && (type !== null || embeddings === null || embeddings < 2)) {
    refuse('num_class_embeds', 'at least 2: only then can the last one stand for no class');
  }
  if (type === 'timestep') {
    const count = embeddings ?? classes ?? refuse('num_class_embeds', 'the number of classes. Give --classes');
    return { classes: count, classEmbedding: 'timestep', nullClass: false };
  }
  if (embeddings === null) return { classes: 1, classEmbedding: 'none', nullClass: false };
  return { classes: nullClass ? embeddings - 1 : embeddings, classEmbedding: 'table', nullClass };
}
