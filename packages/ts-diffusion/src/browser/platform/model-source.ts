import { unknownModel, withSampling, type LoadedModel } from '../../pipeline/loaded-model.js';
import { decodeLoadedModel } from '../../pipeline/model-file.js';
import { readManifest } from '../../pipeline/model-manifest.js';
import { maybeName, modelProgress, type ModelSource, type ReadModelOptions } from '../../pipeline/model-source.js';
import { manifestFile, shippedModelFile } from '../../shipped/models.js';
import { fetchFile } from '../../utils/fetch-file.js';
import { readBody } from '../../utils/read-body.js';
import { cachedFile } from '../cached-file.js';
import { fetchBytes } from '../fetch-bytes.js';

/**
 * Reads a model of the package by its name, another by its address, or one from its bytes.
 *
 * @throws DataError when the file cannot be downloaded, CheckpointError when it is damaged or no model
 * @throws the signal's reason once it is aborted
 */
export async function readModel(source: ModelSource, options: ReadModelOptions = {}): Promise<LoadedModel> {
  const { ema = true, modelsUrl, onProgress, signal } = options;
  signal?.throwIfAborted();
  const download = (url: string | URL): Promise<Uint8Array> =>
    (options.cache === false ? fetchBytes : cachedFile)(url, { onProgress: modelProgress(onProgress), signal });
  if (source instanceof Uint8Array) return decodeLoadedModel(source, 'the model', ema);
  if (!maybeName(source)) return decodeLoadedModel(await download(source), String(source), ema);

  const ownManifest = modelsUrl === undefined ? manifestFile : below(modelsUrl, 'manifest.json');
  const manifest = readManifest(await readText(ownManifest, signal));
  const entry = manifest.models.find(({ id }) => id === source);
  if (entry === undefined)
    throw unknownModel(
      source,
      manifest.models.map(({ id }) => id),
      'an address has a slash or a dot in it',
    );
  const url = modelsUrl === undefined ? (shippedModelFile(source) ?? source) : below(modelsUrl, entry.file);
  return withSampling(decodeLoadedModel(await download(url), String(url), ema), entry.defaults);
}

/** The address of a file in a folder that may be relative to the page. */
function below(folder: string | URL, file: string): URL {
  return new URL(file, new URL(String(folder).replace(/\/?$/, '/'), globalThis.location.href));
}

async function readText(url: string | URL, signal: AbortSignal | undefined): Promise<string> {
  return new TextDecoder().decode(await readBody(await fetchFile(url, { signal })));
}
