import { z } from 'zod';
import { denoiserParameters, type DenoiserConfig } from './denoiser-network.js';
import { unet2dBlocks, unet2dResamplings } from './unet2d/unet2d-config.js';

/** Far beyond what trains here; a file that asks for more is refused before anything is built. */
const LARGEST = {
  imageSize: 1024,
  channels: 8192,
  levels: 8,
  blocks: 16,
  classes: 65_536,
  timeEmbedding: 8192,
  heads: 64,
  guidanceWeight: 1000,
} as const;

const upTo = (largest: number) => z.int().min(1).max(largest);
const perLevel = (value: z.ZodInt) => z.array(value).min(2).max(LARGEST.levels);
const levels = <Type extends z.ZodType>(value: Type) => z.array(value).min(1).max(LARGEST.levels);

const common = {
  imageSize: upTo(LARGEST.imageSize),
  channels: perLevel(upTo(LARGEST.channels)),
  classes: upTo(LARGEST.classes),
  imageChannels: upTo(4),
  timeEmbedding: upTo(LARGEST.timeEmbedding),
};

const schema = z.discriminatedUnion('architecture', [
  z.strictObject({ architecture: z.literal('paper-unet'), ...common, patchSize: upTo(4).exactOptional() }),
  z.strictObject({
    architecture: z.literal('modern-unet'),
    ...common,
    patchSize: upTo(4),
    blocks: perLevel(upTo(LARGEST.blocks)),
    attention: z.union([z.enum(['none', 'bottleneck']), z.array(upTo(LARGEST.imageSize)).min(1).max(LARGEST.levels)]),
    attentionHeads: upTo(LARGEST.heads).exactOptional(),
    largestGuidanceWeight: z.number().positive().max(LARGEST.guidanceWeight).exactOptional(),
  }),
  z.strictObject({
    architecture: z.literal('unet2d'),
    imageSize: upTo(LARGEST.imageSize),
    imageChannels: upTo(4),
    classes: upTo(LARGEST.classes),
    classEmbedding: z.enum(['none', 'table', 'timestep']),
    nullClass: z.boolean(),
    channels: levels(upTo(LARGEST.channels)),
    downBlocks: levels(z.enum(unet2dBlocks)),
    upBlocks: levels(z.enum(unet2dBlocks)),
    layersPerBlock: upTo(LARGEST.blocks),
    midAttention: z.boolean(),
    midScale: z.number().positive(),
    headChannels: upTo(LARGEST.channels).nullable(),
    normGroups: upTo(LARGEST.channels),
    midNormGroups: upTo(LARGEST.channels).nullable(),
    normEpsilon: z.number().positive(),
    timeEmbedding: z.enum(['sinusoidal', 'fourier']),
    cosinesFirst: z.boolean(),
    frequencyShift: z.number().min(0).max(1),
    timeConditioning: z.enum(['add', 'scale-shift']),
    downsamplePadding: z.union([z.literal(0), z.literal(1)]),
    downsampling: z.enum(unet2dResamplings),
    upsampling: z.enum(unet2dResamplings),
    centersInput: z.boolean(),
  }),
]);

/**
 * The network that a file describes.
 *
 * @param value as JSON has it
 * @throws Error saying which field is wrong, or why no such network can be built; no memory is spent on its weights
 */
export function parseDenoiserConfig(value: unknown): DenoiserConfig {
  const { success, data, error } = schema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    throw new TypeError(`"${['model', ...(issue?.path ?? [])].join('.')}": ${issue?.message ?? 'invalid'}`);
  }
  denoiserParameters(data);
  return data;
}
