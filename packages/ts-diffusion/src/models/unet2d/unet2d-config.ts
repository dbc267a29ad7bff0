/** What a level of a `unet2d` may be made of: residual blocks, or residual blocks each followed by self-attention. */
export const unet2dBlocks = ['residual', 'attention'] as const;
/** One of `unet2dBlocks`. */
export type UNet2DBlock = (typeof unet2dBlocks)[number];

/** How a `unet2d` halves or doubles its resolution: by a 3×3 convolution, or inside a residual block. */
export const unet2dResamplings = ['conv', 'resnet'] as const;
/** One of `unet2dResamplings`. Levels without attention know only `conv`, as in diffusers. */
export type UNet2DResampling = (typeof unet2dResamplings)[number];

/**
 * A network equal to the `UNet2DModel` of Hugging Face's diffusers, with all that its `config.json` decides. The names of its
 * parameters are diffusers' own. `parseDiffusersConfig` and `diffusersConfig` translate to and from `config.json`.
 */
export interface UNet2DConfig {
  readonly architecture: 'unet2d';
  /** Height and width of the images, divisible by 2^(channels.length - 1); `sample_size`. */
  readonly imageSize: number;
  /** `in_channels` and `out_channels`. */
  readonly imageChannels: number;
  /** Classes that can be asked for; 1 where `classEmbedding` is `none`. */
  readonly classes: number;
  /**
   * How the class reaches the network. `none`: not at all; `table`: a learnt vector per class (`num_class_embeds`); `timestep`: the
   * label's number is embedded as timesteps are (`class_embed_type: "timestep"`).
   */
  readonly classEmbedding: 'none' | 'table' | 'timestep';
  /**
   * Whether the table has one vector more, at index `classes`, that stands for an image without a class: the network can then be
   * guided. Then `num_class_embeds` is classes + 1. Only for `table`.
   */
  readonly nullClass: boolean;
  /** Feature channels of each level, highest resolution first, multiples of `normGroups`; `block_out_channels`. */
  readonly channels: readonly number[];
  /** One per level, highest resolution first; `down_block_types`. */
  readonly downBlocks: readonly UNet2DBlock[];
  /** One per level, lowest resolution first; `up_block_types`. */
  readonly upBlocks: readonly UNet2DBlock[];
  /** Residual blocks of each level on the way down; on the way up there is one more; `layers_per_block`. */
  readonly layersPerBlock: number;
  /** Whether pixels attend to each other between the two residual blocks of the middle; `add_attention`. */
  readonly midAttention: boolean;
  /** What the residual and attention branches of the middle, with their inputs, are divided by; `mid_block_scale_factor`. */
  readonly midScale: number;
  /** Channels of each attention head; null: one head of all channels; `attention_head_dim`. */
  readonly headChannels: number | null;
  /** Groups of channels that are normalised together; `norm_num_groups`. */
  readonly normGroups: number;
  /**
   * Groups of the normalisation before the attention of the middle; null: `normGroups`, or, with `scale-shift`, no normalisation at
   * all; `attn_norm_num_groups`.
   */
  readonly midNormGroups: number | null;
  /** Added to variances; `norm_eps`. */
  readonly normEpsilon: number;
  /** `sinusoidal` (positional) or `fourier` (random frequencies of the logarithm of the timestep); `time_embedding_type`. */
  readonly timeEmbedding: 'sinusoidal' | 'fourier';
  /** Whether the cosines of the timestep's embedding come before the sines; `flip_sin_to_cos`. */
  readonly cosinesFirst: boolean;
  /** The frequencies are 10000^(-i / (n - frequencyShift)), i < n; `freq_shift`. */
  readonly frequencyShift: number;
  /** How the timestep enters residual blocks: added, or as scale and shift after the normalisation; `resnet_time_scale_shift`. */
  readonly timeConditioning: 'add' | 'scale-shift';
  /** Zeros on every side before a strided convolution (1), or only below and at the right (0); `downsample_padding`. */
  readonly downsamplePadding: 0 | 1;
  /** `downsample_type`. */
  readonly downsampling: UNet2DResampling;
  /** `upsample_type`. */
  readonly upsampling: UNet2DResampling;
  /** Whether the input is first mapped from 0..1 to -1..1, x -> 2x - 1; `center_input_sample`. */
  readonly centersInput: boolean;
}
