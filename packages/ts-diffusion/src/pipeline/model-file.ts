import { createNoiseSchedule, noiseScheduleNames } from '../diffusion/noise-schedule.js';
import { predictionTypes } from '../diffusion/prediction.js';
import { modelSamplingSchema, parseSampling } from '../diffusion/sampling-schema.js';
import { parseJson } from '../formats/parse-json.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import { parseDenoiserConfig } from '../models/denoiser-schema.js';
import type { NamedTensor } from '../nn/parameters.js';
import { decodeCheckpoint } from '../training/checkpoint-format.js';
import { decodeSafetensors, type Safetensors } from '../formats/safetensors.js';
import { CheckpointError } from '../utils/errors.js';
import { pipelineModel } from './checkpoint-model.js';
import type { PipelineModel } from './pipeline-model.js';
import { readOrigin, type WeightsOrigin } from './weights-origin.js';

/**
 * Reads a model: the averaged weights of a checkpoint, or a `model.safetensors` as `exportModelFiles` writes it.
 *
 * @param path only for the messages
 * @throws CheckpointError when the file is damaged, or does not say what network and schedule its weights are for
 */
export function decodeModelFile(file: Uint8Array, path: string): PipelineModel {
  const decoded = decodeSafetensors(file, path);
  const isCheckpoint = decoded.metadata['config'] !== undefined;
  return isCheckpoint ? pipelineModel(decodeCheckpoint(file, path)) : exportedModel(decoded, path).model;
}

/** A model ready to sample from, and where its weights come from. */
export interface LoadedModel extends WeightsOrigin {
  readonly model: PipelineModel;
}

/**
 * The model of a decoded `model.safetensors`, as `exportModelFiles` writes it.
 *
 * @param path only for the messages
 * @throws CheckpointError when it does not say what network and schedule its weights are for
 */
export function exportedModel({ tensors, metadata }: Safetensors, path: string): LoadedModel {
  try {
    return { model: describedModel(tensors, metadata), ...readOrigin(metadata) };
  } catch (error) {
    throw new CheckpointError(
      `${path}: its metadata describe no model that this program exported: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** @throws Error for metadata that `exportModelFiles` does not write */
function describedModel(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>>,
): PipelineModel {
  const field = <T extends string>(name: string, allowed: readonly T[]): T => {
    const value = allowed.find((each) => each === metadata[name]);
    if (value !== undefined) return value;
    throw new Error(`"${name}" is ${JSON.stringify(metadata[name])}, expected one of ${allowed.join(', ')}.`);
  };
  const prediction = field('prediction', predictionTypes);
  const schedule = field('schedule', noiseScheduleNames);
  const { samplingSteps, guidanceWeight, sampling } = metadata;
  const model = parseDenoiserConfig(parseJson(metadata['model'] ?? 'null'));
  return {
    model,
    parameters: denoiserParameters(model).fromNamedTensors(tensors),
    prediction,
    schedule: createNoiseSchedule(schedule, Number(metadata['timesteps']), {
      rescaleBetas: metadata['rescaleBetas'] === 'true',
      zeroTerminalSnr: metadata['zeroTerminalSnr'] === 'true',
    }),
    ...(samplingSteps !== undefined && { samplingSteps: Number(samplingSteps) }),
    ...(guidanceWeight !== undefined && { guidanceWeight: Number(guidanceWeight) }),
    ...(sampling !== undefined && {
      sampling: parseSampling(modelSamplingSchema, JSON.parse(sampling) as Record<string, unknown>, '"sampling"'),
    }),
  };
}
