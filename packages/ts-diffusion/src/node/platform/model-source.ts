import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unknownModel, withSampling, type LoadedModel } from '../../pipeline/loaded-model.js';
import { decodeLoadedModel } from '../../pipeline/model-file.js';
import { maybeName, type ModelSource, type ReadModelOptions } from '../../pipeline/model-source.js';
import { fetchModel } from '../models/fetch-model.js';
import { loadModel } from '../models/load-model.js';
import { shippedModel, shippedModels } from '../models/shipped-models.js';

/**
 * Reads a model of the package by its name, another by its path or address, or one from its bytes. A name of the package goes
 * before a file or folder of that name: write `./modern` for those.
 *
 * @throws CheckpointError when there is none or it is damaged, DataError when it cannot be downloaded
 * @throws the signal's reason once it is aborted
 */
export async function readModel(source: ModelSource, options: ReadModelOptions = {}): Promise<LoadedModel> {
  const { ema = true, signal } = options;
  signal?.throwIfAborted();
  if (source instanceof Uint8Array) return decodeLoadedModel(source, 'the model', ema);
  if (source instanceof URL || /^(?:https?|file):/.test(source)) {
    const url = new URL(source);
    if (url.protocol === 'file:') return readPath(fileURLToPath(url), options);
    return decodeLoadedModel(await fetchModel(url, options), url.href, ema);
  }
  if (!maybeName(source)) return readPath(source, options);
  const names = shippedModels().map(({ id }) => id);
  if (names.includes(source)) {
    const { path, sampling } = shippedModel(source);
    return withSampling(readPath(path, options), sampling);
  }
  if (!existsSync(source)) {
    throw unknownModel(source, names, 'there is no such checkpoint file or run folder');
  }
  return readPath(source, options);
}

function readPath(path: string, { ema = true, onMessage, onProgress }: ReadModelOptions): LoadedModel {
  const loaded = loadModel(path, { ema, onMessage });
  const file = statSync(path);
  if (file.isFile()) onProgress?.({ loaded: file.size, total: file.size });
  return loaded;
}
