import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, type Safetensors } from '../../formats/safetensors.js';
import type { WeightsChoice } from '../../pipeline/checkpoint-model.js';
import { isExported } from '../../pipeline/exported-model.js';
import type { LoadedModel } from '../../pipeline/loaded-model.js';
import { decodeLoadedModel, loadedCheckpoint } from '../../pipeline/model-file.js';
import { text, flag, callback, options, signature } from '../../utils/arguments.js';
import { CheckpointError } from '../../utils/errors.js';
import { readWhole } from '../training/checkpoint-set.js';
import { readCheckpoint, readCheckpointFile, type Checkpoint } from '../training/checkpoint.js';

const loadCheckpointArguments = signature('loadCheckpoint', { path: text, onMessage: callback.optional() });

/**
 * Reads a checkpoint file, or the newest usable checkpoint of a run folder.
 *
 * @param onMessage told when a run's newest checkpoint is damaged and the one before it is used
 * @throws CheckpointError when there is none
 */
export function loadCheckpoint(path: string, onMessage?: (text: string) => void): Checkpoint {
  loadCheckpointArguments({ path, onMessage });
  return isFolder(path) ? readCheckpoint(path, onMessage) : existing(path, readCheckpointFile(path));
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
  const loaded = isFolder(path) ? modelIn(path, ema, onMessage) : modelOf(path, ema);
  if (!loaded.checked) {
    onMessage?.(`${path}: this exported model has no checksum, so damage cannot be detected. Export it again.`);
  }
  return loaded;
}

const modelOf = (path: string, ema: boolean): LoadedModel =>
  existing(
    path,
    readWhole(path, (file) => decodeLoadedModel(file, path, ema)),
  );

/** What `diffusion import` and `diffusion export` call the model in their folders. */
const EXPORTED = 'model.safetensors';

/** The exported model in a folder, or that of its newest checkpoint where there is none, whatever else has the name. */
function modelIn(folder: string, ema: boolean, onMessage?: (text: string) => void): LoadedModel {
  const path = join(folder, EXPORTED);
  const found = decodedAt(path);
  return found !== undefined && isExported(found.decoded)
    ? decodeLoadedModel(found.file, path, ema, found.decoded)
    : loadedCheckpoint(readCheckpoint(folder, onMessage), ema);
}

/** Undefined for anything but a whole safetensors file. */
function decodedAt(path: string): { readonly file: Uint8Array; readonly decoded: Safetensors } | undefined {
  try {
    const file = readFileSync(path);
    return { file, decoded: decodeSafetensors(file, path) };
  } catch {
    return undefined;
  }
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** What a file holds. @throws CheckpointError where there is no file */
function existing<Content>(path: string, content: Content | undefined): Content {
  if (content !== undefined) return content;
  throw new CheckpointError(
    `${path}: no such checkpoint file or run folder. Train a model first (diffusion train), or give the path of one.`,
  );
}
