import { readFileSync } from 'node:fs';
import type { ModernUNetConfig } from '../../src/models/modern-unet.js';
import type { Float32Error, GoldenGradients, GoldenInputs, GoldenSummary, GoldenTensor } from './unet.js';

type GoldenModel = Omit<ModernUNetConfig, 'architecture' | 'imageChannels'>;

/** test/golden/attention.json, written by bench/golden/attention.py. Tensors are in PyTorch's shape and order. */
export interface AttentionGolden {
  /**
   * The block with `torch.nn.MultiheadAttention`: its output, and the gradients of x and the parameters for the sum of the output
   * times `deterministicTensor('attention.weights', ...)`; x is `deterministicTensor('attention.x', ...)`.
   */
  readonly blocks: readonly { readonly heads: number; readonly results: Readonly<Record<string, GoldenTensor>> }[];
  /** Networks in patches of 4 that attend at two of three levels with two heads. */
  readonly output: {
    readonly config: GoldenModel;
    readonly inputs: GoldenInputs;
    readonly output: readonly number[];
    readonly float32Error: Float32Error;
  };
  readonly gradients: {
    readonly config: GoldenModel;
    readonly inputs: GoldenInputs;
    readonly losses: Readonly<Record<'l2', GoldenGradients<GoldenSummary>>>;
  };
}

export function readAttentionGolden(): AttentionGolden {
  return JSON.parse(readFileSync(new URL('attention.json', import.meta.url), 'utf8')) as AttentionGolden;
}
