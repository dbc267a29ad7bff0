import { decodeCheckpoint, type Checkpoint } from '../training/checkpoint-format.js';
import { decodeWeightsFile } from '../training/weights-file.js';
import { type Safetensors } from '../formats/safetensors.js';
import { bytes, signature, text } from '../utils/arguments.js';
import { CheckpointError } from '../utils/errors.js';
import { pipelineModel } from './checkpoint-model.js';
import { exportedModel, isExported } from './exported-model.js';
import type { LoadedModel } from './loaded-model.js';
import type { PipelineModel } from './pipeline-model.js';

const decodeModelFileArguments = signature('decodeModelFile', { file: bytes, path: text });

/**
 * Reads a model: the averaged weights of a checkpoint, or a `model.safetensors` as `exportModelFiles` writes it.
 *
 * @param path only for the messages
 * @throws CheckpointError when the file is damaged, or does not say what network and schedule its weights are for
 */
export function decodeModelFile(file: Uint8Array, path: string): PipelineModel {
  decodeModelFileArguments({ file, path });
  return decodeLoadedModel(file, path, true).model;
}

/**
 * Reads a checkpoint, or a `model.safetensors` as `exportModelFiles` writes it, with where its weights come from.
 *
 * @param name only for the messages
 * @param ema the averaged weights, or those of the last training step
 * @param decoded the same file, decoded
 * @throws CheckpointError when the file is damaged or no model, and for an exported model without `ema` unless it has those of
 *   the last step
 */
export function decodeLoadedModel(
  file: Uint8Array,
  name: string,
  ema: boolean,
  decoded: Safetensors = decodeWeightsFile(file, name),
): LoadedModel {
  if (!isExported(decoded)) return loadedCheckpoint(decodeCheckpoint(file, name), ema);
  const exported = exportedModel(file, decoded, name);
  if (ema || exported.averaged === false) return exported;
  throw new CheckpointError(
    `${name}: an exported model has one set of weights, and this file does not record that they are those of the last ` +
      'training step. Give a checkpoint or a run, or do not select weights.',
  );
}

/** The model of a checkpoint. @param ema the averaged weights, or those of the last training step */
export function loadedCheckpoint(checkpoint: Checkpoint, ema: boolean): LoadedModel {
  return { model: pipelineModel(checkpoint, { ema }), step: checkpoint.step, averaged: ema, checked: true };
}
