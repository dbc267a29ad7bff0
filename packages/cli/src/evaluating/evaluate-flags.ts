import type { Shard } from 'ts-diffusion/node';
import type { NetworkFlags } from '../options/evaluation-options.js';
import type { CountFlags } from '../options/image-count.js';
import type { CheckpointFlags, DeviceFlags } from '../options/pipeline-options.js';
import type { SamplingFlags } from '../options/sampling-options.js';
import type { QuirkName } from './quirk-names.js';

/** The options of `diffusion evaluate` that say against which images. */
export interface RealImageFlags {
  readonly run?: string;
  readonly reference?: string;
  readonly training?: string;
  readonly data?: string;
}

/** Those that say which scores are taken, and how. */
export interface ScoreFlags {
  readonly splits?: number;
  readonly neighbours: number;
  readonly bootstrap: number;
  readonly nearCopies: number;
  readonly judges?: number;
  readonly thorough: boolean;
  readonly seed?: number;
  readonly quirks?: readonly QuirkName[];
}

/** All of them. */
export interface EvaluateFlags
  extends CheckpointFlags, DeviceFlags, SamplingFlags, NetworkFlags, CountFlags, RealImageFlags, ScoreFlags {
  readonly run?: string;
  readonly seed?: number;
  readonly images?: string;
  readonly save?: string;
  readonly pictures?: string;
  readonly bitsPerDim?: true | number;
  readonly receipt?: string;
  readonly statistics?: true | string;
  readonly shard?: Shard;
}
