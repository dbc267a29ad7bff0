import { readFileSync } from 'node:fs';
import { parseDiffusersConfig } from '../../src/models/unet2d/diffusers-config.js';
import type { UNet2DConfig } from '../../src/models/unet2d/unet2d-config.js';
import { deterministicTensor } from './deterministic-weights.js';
import type { Float32Error, GoldenSummary } from './unet.js';

/** A network of diffusers with deterministic weights, and what it predicts for deterministic images. */
export interface UNet2DCase {
  /** `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** How many parameters PyTorch counts. */
  readonly parameters: number;
  /** As diffusers counts them: 0..T-1. */
  readonly timesteps: readonly number[];
  readonly labels: readonly number[] | null;
  readonly output: readonly number[];
  readonly float32Error: Float32Error;
}

/** test/golden/unet2d.json, written by bench/golden/unet2d.py. Tensors are in PyTorch's shape and order. */
export interface UNet2DGolden {
  readonly outputs: Readonly<Record<string, UNet2DCase>>;
  readonly gradients: Readonly<
    Record<
      string,
      {
        readonly loss: number;
        readonly gradients: Readonly<Record<string, Pick<GoldenSummary, 'norm' | 'first' | 'float32Error'>>>;
      }
    >
  >;
}

export function readUNet2DGolden(): UNet2DGolden {
  return JSON.parse(readFileSync(new URL('unet2d.json', import.meta.url), 'utf8')) as UNet2DGolden;
}

/** The network of a case. The last class of the table stands for no class where `nullClass`. */
export const unet2dOf = ({ config }: UNet2DCase, nullClass = false): UNet2DConfig =>
  parseDiffusersConfig(config, 'config.json', { nullClass });

/** The inputs of a case as this program's networks take them: timesteps in 1..T. */
export function unet2dBatch(
  name: string,
  golden: UNet2DCase,
): { x: Float32Array; noise: Float32Array; timesteps: Float32Array; labels: Int32Array; shape: [number, number, number, number] } {
  const { imageChannels, imageSize } = unet2dOf(golden);
  const { timesteps, labels } = golden;
  const shape: [number, number, number, number] = [timesteps.length, imageChannels, imageSize, imageSize];
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    x: deterministicTensor(`unet2d.${name}.x`, count, 1),
    noise: deterministicTensor(`unet2d.${name}.noise`, count, Math.sqrt(3)),
    timesteps: Float32Array.from(timesteps, (t) => t + 1),
    labels: Int32Array.from(labels ?? timesteps.map(() => 0)),
    shape,
  };
}
