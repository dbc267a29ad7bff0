import { cast, input, lower, loweringTarget, type Target, type Tensor } from '../graph/index.js';
import { keepAll } from '../nn/dropout.js';
import { denoise, denoiserParameters, guidanceInput, type DenoiserConfig } from './denoiser-network.js';

/** A serialised ONNX model whose inputs are all fed at run time. */
export interface DenoiserProgram {
  readonly model: Uint8Array;
}

/**
 * The network with its weights as constants, for a fixed batch: inputs `x` [B, C, H, W], `t` [B] and `label` [B] (float32;
 * -1: unconditional), for a network that takes the guidance weight also `guidance` [B], output `prediction` [B, C, H, W].
 */
export function buildDenoiser(
  config: DenoiserConfig,
  parameters: Float32Array,
  batchSize: number,
  target: Target,
): DenoiserProgram {
  const prediction = predict(config, parameters, batchSize, input('label', [batchSize]));
  return { model: lower({ prediction }, { name: 'denoiser', target: loweringTarget(target, 'inference') }) };
}

/**
 * The network as a stand-alone `denoiser.onnx` for any ONNX runtime: inputs `x` float32 [batch, C, H, W], `t` float32
 * [batch] in 1..T, `label` int64 [batch] (-1: unconditional), of a student also `guidance` float32 [batch] (ω), output `prediction` float32 [batch, C, H, W].
 *
 * @param metadata what the file says of itself (`metadata_props`), e.g. what it predicts
 */
export function exportDenoiser(
  config: DenoiserConfig,
  parameters: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // The size is replaced by the symbolic name; any one will do.
  const batchSize = 1;
  const prediction = predict(config, parameters, batchSize, cast(input('label', [batchSize], 'int64')));
  const target = loweringTarget('cpu', 'inference');
  return lower({ prediction }, { name: 'denoiser', target, dynamicBatch: 'batch', metadata });
}

function predict(config: DenoiserConfig, parameters: Float32Array, batchSize: number, labels: Tensor): Tensor {
  const constants = denoiserParameters(config).constantsOf(parameters);
  const { imageChannels, imageSize } = config;
  const x = input('x', [batchSize, imageChannels, imageSize, imageSize]);
  const timesteps = input('t', [batchSize]);
  return denoise(config, constants, x, timesteps, labels, keepAll, guidanceInput(config, batchSize));
}
