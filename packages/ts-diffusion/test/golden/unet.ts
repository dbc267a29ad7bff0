import { readFileSync } from 'node:fs';
import { deterministicTensor } from './deterministic-weights.js';

/** What PyTorch in float32 misses of its own float64 result: |a - b|_2 / |b|_2 and the largest absolute difference. */
export interface Float32Error {
  readonly relative: number;
  readonly maxAbsolute: number;
}

export interface GoldenConfig {
  readonly channels: readonly [number, number, number];
  readonly imageSize: number;
  readonly classes: number;
}

/** Inputs by recipe: x and noise are `deterministicTensor(name, B*S*S, bound)`, labels of -1 are dropped. */
export interface GoldenInputs {
  readonly x: { readonly name: string; readonly bound: number };
  readonly noise: { readonly name: string; readonly bound: number };
  readonly timesteps: readonly number[];
  readonly labels: readonly number[];
}

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly float32Error: Float32Error;
}

export interface GoldenSummary {
  readonly shape: readonly number[];
  readonly norm: number;
  readonly sum: number;
  /** The first 8 elements (or all, where there are fewer) in PyTorch's order. */
  readonly first: readonly number[];
  readonly float32Error: Float32Error;
}

export interface GoldenGradients<T> {
  readonly loss: number;
  /** Relative. */
  readonly float32LossError: number;
  readonly gradients: Readonly<Record<string, T>>;
}

/** Steps of an optimizer, and the parameters after them. */
export interface GoldenSteps<T> {
  readonly config: GoldenConfig;
  readonly loss: 'l2';
  readonly optimizer: {
    readonly learningRate: number;
    readonly betas: readonly [number, number];
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly gradientClip: number;
  };
  readonly steps: readonly { readonly inputs: GoldenInputs; readonly loss: number; readonly gradientNorm: number }[];
  readonly parameters: Readonly<Record<string, T>>;
}

/** test/golden/unet.json, written by bench/golden/unet.py. Tensors are in PyTorch's shape and order; losses are means. */
export interface UNetGolden {
  readonly origin: Readonly<Record<'program' | 'command' | 'torch' | 'python' | 'precision', string>>;
  readonly checksums: readonly {
    readonly name: string;
    readonly count: number;
    readonly bound: number;
    readonly nameHash: number;
    readonly first: readonly number[];
    readonly sum: number;
    readonly xorOfFloat32Bits: number;
  }[];
  readonly output: {
    readonly config: GoldenConfig;
    readonly inputs: GoldenInputs;
    readonly shape: readonly number[];
    readonly output: readonly number[];
    readonly float32Error: Float32Error;
  };
  readonly smallGradients: {
    readonly config: GoldenConfig;
    readonly inputs: GoldenInputs;
    readonly losses: Readonly<Record<'l1' | 'l2', GoldenGradients<GoldenTensor>>>;
  };
  readonly paperGradients: {
    readonly config: GoldenConfig;
    readonly inputs: GoldenInputs;
    readonly losses: Readonly<Record<'l2', GoldenGradients<GoldenSummary>>>;
  };
  readonly adam: GoldenSteps<GoldenTensor>;
  readonly adamW: GoldenSteps<GoldenSummary>;
}

export function readUNetGolden(): UNetGolden {
  return JSON.parse(readFileSync(new URL('unet.json', import.meta.url), 'utf8')) as UNetGolden;
}

/** The tensors that a golden recipe of inputs stands for: x and noise [B, 1, S, S], timesteps and labels [B]. */
export function goldenBatch(
  inputs: GoldenInputs,
  imageSize: number,
): { x: Float32Array; noise: Float32Array; timesteps: Float32Array; labels: Int32Array } {
  const count = inputs.labels.length * imageSize * imageSize;
  return {
    x: deterministicTensor(inputs.x.name, count, inputs.x.bound),
    noise: deterministicTensor(inputs.noise.name, count, inputs.noise.bound),
    timesteps: Float32Array.from(inputs.timesteps),
    labels: Int32Array.from(inputs.labels),
  };
}
