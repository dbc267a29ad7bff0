import { existsSync, readFileSync, statSync } from 'node:fs';
import { readCheckpoint, readCheckpointFile, type Checkpoint } from '../training/checkpoint.js';
import { checkpointFiles } from '../training/run-folder.js';
import { decodeSafetensors } from '../training/safetensors.js';
import { CheckpointError } from '../utils/errors.js';
import type { PipelineModel } from './diffusion-pipeline.js';
import { decodeModelFile } from './model-file.js';
import { pipelineModel } from './pipeline-model.js';

/**
 * Reads a checkpoint file, or the newest usable checkpoint of a run folder.
 *
 * @param onMessage told when a run's newest checkpoint is damaged and the one before it is used
 * @throws CheckpointError when there is none
 */
export function loadCheckpoint(path: string, onMessage?: (text: string) => void): Checkpoint {
  if (existsSync(path) && statSync(path).isDirectory()) return readCheckpoint(checkpointFiles(path), onMessage);
  const checkpoint = readCheckpointFile(path);
  if (checkpoint === undefined) {
    throw new CheckpointError(
      `${path}: no such checkpoint file or run folder. Train a model first (diffusion train), or give the path of one.`,
    );
  }
  return checkpoint;
}

/** A model ready to sample from, with the training step that its weights are of; null where its file does not say. */
export interface LoadedModel {
  readonly model: PipelineModel;
  readonly step: number | null;
}

/**
 * Reads a model from the newest checkpoint of a run folder, a checkpoint file, or a `model.safetensors` as `diffusion export`
 * writes it.
 *
 * @param ema the averaged weights, or those of the last training step; an exported model has only one set
 * @param onMessage told when a run's newest checkpoint is damaged and the one before it is used
 * @throws CheckpointError when there is none
 */
export function loadModel(path: string, ema: boolean, onMessage?: (text: string) => void): LoadedModel {
  const exported = readExportedModel(path);
  if (exported) return { model: exported, step: null };
  const checkpoint = loadCheckpoint(path, onMessage);
  return { model: pipelineModel(checkpoint, ema), step: checkpoint.step };
}

/** Null for anything else, damaged files included: what is wrong with those, `loadCheckpoint` says. */
function readExportedModel(path: string): PipelineModel | null {
  if (!existsSync(path) || statSync(path).isDirectory()) return null;
  try {
    const file = readFileSync(path);
    const { metadata } = decodeSafetensors(file, path);
    if (metadata['prediction'] === undefined) return null;
    return decodeModelFile(file, path);
  } catch {
    return null;
  }
}
