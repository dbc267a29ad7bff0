import { createNoiseSchedule, noiseScheduleNames, type NoiseSchedule } from '../diffusion/noise-schedule.js';
import { predictionTypes } from '../diffusion/prediction.js';
import { modelSamplingSchema, parseSampling } from '../diffusion/sampling-schema.js';
import { readToneCurve } from '../diffusion/tone-curve.js';
import { parseJson } from '../formats/parse-json.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import { parseDenoiserConfig } from '../models/denoiser-schema.js';
import type { NamedTensor } from '../nn/parameters.js';
import { MODEL_FILES } from '../training/weights-file.js';
import { type Safetensors } from '../formats/safetensors.js';
import { checkDigest } from '../formats/safetensors-digest.js';
import { CheckpointError } from '../utils/errors.js';
import type { LoadedModel } from './loaded-model.js';
import type { PipelineModel } from './pipeline-model.js';
import { readOrigin } from './weights-origin.js';

/** Whether a decoded file is a model as `exportModelFiles` writes it, and not a checkpoint. */
export const isExported = ({ metadata }: Safetensors): boolean => metadata['prediction'] !== undefined;

/**
 * The model of a `model.safetensors`, as `exportModelFiles` writes it.
 *
 * @param file as it was read; its checksum is compared where it has one
 * @param decoded the same, decoded
 * @param path only for the messages
 * @throws CheckpointError when the file is damaged, or does not say what network and schedule its weights are for
 */
export function exportedModel(file: Uint8Array, { tensors, metadata }: Safetensors, path: string): LoadedModel {
  const { sha256 } = metadata;
  if (sha256 !== undefined) checkDigest(file, sha256, path);
  try {
    return { model: describedModel(tensors, metadata), ...readOrigin(metadata), checked: sha256 !== undefined };
  } catch (error) {
    throw new CheckpointError(
      `${path}: its metadata do not describe a model exported by this program: ${(error as Error).message} Give ${MODEL_FILES}.`,
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
  const schedule = field('schedule', [...noiseScheduleNames, 'given']);
  const { samplingSteps, guidanceWeight, sampling, drawingSteps, toneCurve, seenClasses, classNames, trainedOn } =
    metadata;
  const model = parseDenoiserConfig(parseJson(metadata['model'] ?? 'null'));
  return {
    model,
    parameters: denoiserParameters(model).fromNamedTensors(tensors),
    prediction,
    schedule:
      schedule === 'given'
        ? givenSchedule(parseJson(metadata['betas'] ?? 'null'))
        : createNoiseSchedule(schedule, Number(metadata['timesteps']), {
            rescaleBetas: metadata['rescaleBetas'] === 'true',
            zeroTerminalSnr: metadata['zeroTerminalSnr'] === 'true',
          }),
    ...(samplingSteps !== undefined && { samplingSteps: Number(samplingSteps) }),
    ...(guidanceWeight !== undefined && { guidanceWeight: Number(guidanceWeight) }),
    ...(sampling !== undefined && {
      sampling: parseSampling(modelSamplingSchema, parseJson(sampling) as Record<string, unknown>, '"sampling"'),
    }),
    ...(drawingSteps !== undefined && { drawingSteps: readDrawingSteps(drawingSteps) }),
    ...(toneCurve !== undefined && { toneCurve: readToneCurve(parseJson(toneCurve), model.imageChannels) }),
    ...(seenClasses !== undefined && { seenClasses: readClasses(seenClasses, model.classes) }),
    ...(classNames !== undefined && { classNames: readClassNames(classNames, model.classes) }),
    ...(trainedOn !== undefined && { trainedOn }),
  };
}

/** @throws Error unless the value is a list of betas */
function givenSchedule(betas: unknown): NoiseSchedule {
  if (!Array.isArray(betas) || !betas.every((beta) => typeof beta === 'number')) {
    throw new Error('"betas" is not a list of numbers, which the schedule "given" needs.');
  }
  return createNoiseSchedule('linear', betas.length, { betas });
}

/** @throws Error unless the text lists numbers of steps */
function readDrawingSteps(text: string): number[] {
  if (/^[1-9]\d*(,[1-9]\d*)*$/.test(text)) return text.split(',').map(Number);
  throw new Error(`"drawingSteps" is ${JSON.stringify(text)}, expected numbers of steps such as 1,2,4.`);
}

/** @throws Error unless the text lists classes of the network */
function readClasses(text: string, classes: number): number[] {
  const seen = text.split(',').map((each) => (/^\d+$/.test(each) ? Number(each) : NaN));
  if (seen.every((label) => label < classes)) return seen;
  throw new Error(`"seenClasses" is ${JSON.stringify(text)}, expected numbers below ${classes}.`);
}

/** @throws Error unless the text is a JSON list of one name for each class */
function readClassNames(text: string, classes: number): string[] {
  const names = parseJson(text);
  const isNames = Array.isArray(names) && names.length === classes && names.every((name) => typeof name === 'string');
  if (isNames) return names;
  throw new Error(`"classNames" is ${text}, expected a list of ${classes} names.`);
}
