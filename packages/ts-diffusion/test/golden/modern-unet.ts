import { readFileSync } from 'node:fs';
import type { ModernUNetConfig } from '../../src/models/modern-unet.js';
import type { Float32Error, GoldenGradients, GoldenInputs, GoldenSummary, GoldenTensor } from './unet.js';

type GoldenModel = Pick<
  ModernUNetConfig,
  'channels' | 'blocks' | 'patchSize' | 'imageSize' | 'classes' | 'timeEmbedding'
>;

interface GradientCase<T> {
  readonly config: GoldenModel;
  readonly inputs: GoldenInputs;
  readonly losses: Readonly<Record<'l2', GoldenGradients<T>>>;
}

/** test/golden/modern-unet.json, written by bench/golden/modern.py. Tensors are in PyTorch's shape and order. */
export interface ModernUNetGolden {
  readonly output: {
    readonly config: GoldenModel;
    readonly inputs: GoldenInputs;
    readonly output: readonly number[];
    readonly float32Error: Float32Error;
  };
  readonly patchedGradients: GradientCase<GoldenTensor>;
  readonly deepGradients: GradientCase<GoldenSummary>;
  readonly presetGradients: GradientCase<GoldenSummary>;
}

export function readModernUNetGolden(): ModernUNetGolden {
  return JSON.parse(readFileSync(new URL('modern-unet.json', import.meta.url), 'utf8')) as ModernUNetGolden;
}
