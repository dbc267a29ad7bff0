import { existsSync, readFileSync, statSync } from 'node:fs';
import { readCheckpoint, readCheckpointFile, type Checkpoint } from '../training/checkpoint.js';
import { decodeSafetensors, type Safetensors } from '../../formats/safetensors.js';
import { join } from 'node:path';
import { CheckpointError } from '../../utils/errors.js';
import { checkLastWeights } from '../../pipeline/loaded-model.js';
import { exportedModel, type LoadedModel } from '../../pipeline/model-file.js';
import { pipelineModel, type WeightsChoice } from '../../pipeline/checkpoint-model.js';
import { text, flag, callback, options, signature } from '../../utils/arguments.js';

const loadCheckpointArguments = signature('loadCheckpoint', { path: text, onMessage: callback.optional() });

/**
 * Reads a checkpoint file, or the newest usable checkpoint of a run folder.
 *
 * @param onMessage told when a run's newest checkpoint is damaged and the one before it is used
 * @throws CheckpointError when there is none
 */
export function loadCheckpoint(path: string, onMessage?: (text: string) => void): Checkpoint {
  loadCheckpointArguments({ path, onMessage });
  if (existsSync(path) && statSync(path).isDirectory()) return readCheckpoint(path, onMessage);
  const checkpoint = readCheckpointFile(path);
  if (checkpoint === undefined) {
    throw new CheckpointError(
      `${path}: no such checkpoint file or run folder. Train a model first (diffusion train), or give the path of one.`,
    );
  }
  return checkpoint;
}

/** Which weights to read, and whom to tell. */
export interface LoadOptions extends WeightsChoice {
  /** Told when a run's newest checkpoint is damaged and the one before it is used. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

const loadModelArguments = signature('loadModel', {
  path: text,
  options: options({ ema: flag.optional(), onMessage: callback.optional() }).optional(),
});

/**
 * Reads a model from the newest checkpoint of a run folder, a checkpoint file, or a `model.safetensors` as `diffusion export` and
 * `diffusion import` write it, or the folder of one.
 *
 * @throws CheckpointError when there is none, and for an exported model without `ema` unless it has those of the last step
 */
export function loadModel(path: string, options: LoadOptions = {}): LoadedModel {
  loadModelArguments({ path, options });
  const { ema = true, onMessage } = options;
  const exported = readExportedModel(path);
  if (exported && !ema) checkLastWeights(exported, path);
  if (exported?.checked === false) {
    onMessage?.(`${path}: this exported model has no checksum, so damage cannot be detected. Export it again.`);
  }
  if (exported) return exported;
  const checkpoint = loadCheckpoint(path, onMessage);
  return { model: pipelineModel(checkpoint, { ema }), step: checkpoint.step, averaged: ema, checked: true };
}

/** What `diffusion import` and `diffusion export` call the model in their folders. */
const EXPORTED = 'model.safetensors';

/** Null for anything else: what is wrong with that, `loadCheckpoint` says. */
function readExportedModel(given: string): LoadedModel | null {
  const isFolder = existsSync(given) && statSync(given).isDirectory();
  const path = isFolder ? join(given, EXPORTED) : given;
  if (!existsSync(path) || statSync(path).isDirectory()) return null;
  let file: Uint8Array;
  let decoded: Safetensors;
  try {
    file = readFileSync(path);
    decoded = decodeSafetensors(file, path);
  } catch {
    return null;
  }
  return decoded.metadata['prediction'] === undefined ? null : exportedModel(file, decoded, path);
}
