import { decodeCheckpoint } from '../training/checkpoint-format.js';
import { decodeWeightsFile } from '../training/weights-file.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import { CheckpointError } from '../utils/errors.js';
import { exportedModel, type LoadedModel } from './model-file.js';
import { pipelineModel } from './checkpoint-model.js';

/**
 * Reads a checkpoint, or a `model.safetensors` as `exportModelFiles` writes it, with where its weights come from.
 *
 * @param name only for the messages
 * @param ema the averaged weights, or those of the last training step
 * @throws CheckpointError when the file is damaged or no model, and for an exported model without `ema` unless it has those of
 *   the last step
 */
export function decodeLoadedModel(file: Uint8Array, name: string, ema: boolean): LoadedModel {
  const decoded = decodeWeightsFile(file, name);
  if (decoded.metadata['config'] !== undefined) {
    const checkpoint = decodeCheckpoint(file, name);
    return { model: pipelineModel(checkpoint, { ema }), step: checkpoint.step, averaged: ema, checked: true };
  }
  const exported = exportedModel(file, decoded, name);
  if (!ema) checkLastWeights(exported, name);
  return exported;
}

/** @throws CheckpointError unless an exported model says that its weights are those of the last training step */
export function checkLastWeights({ averaged }: LoadedModel, name: string): void {
  if (averaged === false) return;
  throw new CheckpointError(
    `${name}: an exported model has one set of weights, and this file does not record that they are those of the last ` +
      'training step. Give a checkpoint or a run, or do not select weights.',
  );
}

/** A model of the package, drawn from as its manifest says. */
export function withSampling(loaded: LoadedModel, sampling: ModelSampling): LoadedModel {
  return { ...loaded, model: { ...loaded.model, sampling } };
}

/**
 * @param names of the models that come with the package
 * @param otherwise why it is nothing else either
 */
export function unknownModel(name: string, names: readonly string[], otherwise: string): CheckpointError {
  return new CheckpointError(`"${name}" is not a model in the package (${names.join(', ')}), and ${otherwise}.`);
}
