import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoadedModel } from '../../pipeline/model-file.js';
import { shippedModelFile } from '../../shipped/models.js';
import { loadModel as loadModelFile, type LoadOptions } from '../models/load-model.js';

/**
 * Reads a model of the package by its name, or another by its path; a path that exists is one.
 *
 * @throws CheckpointError when the file is missing, damaged or of something else
 */
// A promise, as a browser gives: what is thrown rejects it.
// eslint-disable-next-line @typescript-eslint/require-await
export async function loadModel(source: string, options: LoadOptions): Promise<LoadedModel> {
  const shipped = existsSync(source) ? undefined : shippedModelFile(source);
  return loadModelFile(shipped === undefined ? source : fileURLToPath(shipped), options);
}
