import {
  add,
  concat,
  constant,
  cos,
  log,
  matmul,
  mul,
  reshape,
  scalar,
  silu,
  sin,
  sub,
  type Tensor,
} from '../../graph/index.js';
import { indicators } from '../../nn/embeddings.js';
import { linear } from '../../nn/layers.js';
import type { ParameterScope } from '../../nn/parameters.js';
import type { UNet2DConfig } from './unet2d-config.js';

const LONGEST_PERIOD = 10_000;
/** Standard deviation of the random frequencies, and what gives a uniform distribution that of 1. */
const FOURIER_SCALE = 16;
const UNIT_BOUND = Math.sqrt(3);

/**
 * Timesteps [B] (1..T) and labels [B] (-1: no class) embedded once for all blocks, [B, 4 · channels[0]]. Diffusers counts timesteps from
 * 0: the network is asked about t - 1.
 */
export function embedConditions(
  parameters: ParameterScope,
  config: UNet2DConfig,
  timesteps: Tensor,
  labels: Tensor,
): Tensor {
  const { classEmbedding, classes, nullClass, channels } = config;
  const width = 4 * (channels[0] ?? 0);
  const wave = waves(parameters, config);
  const time = twoLayers(parameters.at('time_embedding'), wave(sub(timesteps, scalar(1))), width); // [B, width]
  // Every denoiser takes labels, and a graph has no input that nothing depends on.
  if (classEmbedding === 'none') return add(time, mul(reshape(labels, [labels.shape[0] ?? 0, 1]), scalar(0)));
  const table = parameters.at('class_embedding');
  if (classEmbedding === 'timestep') return add(time, twoLayers(table, wave(labels), width));
  const rows = Array.from({ length: classes }, (_, label) => label);
  if (nullClass) rows.push(-1);
  const vectors = table.get('weight', { shape: [rows.length, width], initialBound: UNIT_BOUND });
  return add(time, matmul(indicators(labels, rows), vectors)); // [B, width]
}

/** Numbers [B] as sines and cosines, [B, channels[0]], or for `fourier` [B, 2 · channels[0]]. */
function waves(parameters: ParameterScope, config: UNet2DConfig): (numbers: Tensor) => Tensor {
  const { timeEmbedding, cosinesFirst, channels } = config;
  const [width = 0] = channels;
  const column = (numbers: Tensor): Tensor => reshape(numbers, [numbers.shape[0] ?? 0, 1]);
  if (timeEmbedding === 'fourier') {
    const declaration = { shape: [width], initialBound: UNIT_BOUND * FOURIER_SCALE };
    const weight = reshape(parameters.at('time_proj').get('weight', declaration), [1, width]);
    return (numbers) => {
      const angles = mul(mul(column(log(numbers)), weight), scalar(2 * Math.PI)); // [B, channels[0]]
      return concat([sin(angles), cos(angles)], 1);
    };
  }
  const frequencies = constant(sinusoidFrequencies(width / 2, config.frequencyShift), [1, width / 2]);
  return (numbers) => {
    const angles = mul(column(numbers), frequencies); // [B, channels[0] / 2]
    return concat(cosinesFirst ? [cos(angles), sin(angles)] : [sin(angles), cos(angles)], 1);
  };
}

/**
 * The frequencies in float32 arithmetic throughout, as diffusers computes them: at timestep 999 a rounding of the fastest ones is 6e-5 of
 * the angle.
 */
function sinusoidFrequencies(count: number, shift: number): Float32Array {
  const slope = Math.fround(-Math.log(LONGEST_PERIOD));
  return Float32Array.from({ length: count }, (_, i) =>
    Math.exp(Math.fround(Math.fround(slope * i) / Math.fround(count - shift))),
  );
}

/** Two linear layers with SiLU between them. */
function twoLayers(parameters: ParameterScope, x: Tensor, width: number): Tensor {
  return linear(parameters.at('linear_2'), silu(linear(parameters.at('linear_1'), x, width)), width);
}
