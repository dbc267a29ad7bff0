import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  decodeInceptionWeights,
  publishedInceptionWeights,
  type InceptionWeights,
  type RemoteWeights,
} from '../../evaluation/inception/weights.js';
import { DataError } from '../../utils/errors.js';
import { cacheFolder } from '../data/cache-folder.js';
import { download, type DownloadOptions } from '../data/download.js';
import { signature } from '../../utils/arguments.js';
import { loadWeightsOptions } from '../../utils/argument-shapes.js';

/** Where the weights of Inception-v3 are looked for. */
export interface LoadInceptionWeightsOptions extends Pick<
  DownloadOptions<unknown>,
  'onProgress' | 'signal' | 'connectTimeout' | 'stallTimeout' | 'retryDelay'
> {
  /** A file that torch.save wrote; nothing else is tried. */
  readonly path?: string | undefined;
  /** Never touch the network. */
  readonly offline?: boolean | undefined;
  /** Called with what the user should know: a download that starts, a damaged cache, weights that are not the published. */
  readonly onMessage?: ((text: string) => void) | undefined;
  /** What to download. Default: the published weights. */
  readonly remote?: RemoteWeights | undefined;
  /** Where DIFFUSION_CACHE_DIR is looked up. Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

const loadInceptionWeightsArguments = signature('loadInceptionWeights', { options: loadWeightsOptions });

/**
 * The weights of Inception-v3 for FID, from the first of: `path`; the cache; a download (91 MB) into the cache, checked by
 * its SHA-256.
 * @throws DataError where the file is missing, damaged, no state dict, or not available
 */
export async function loadInceptionWeights(options: LoadInceptionWeightsOptions = {}): Promise<InceptionWeights> {
  loadInceptionWeightsArguments({ options });
  const { path, remote = publishedInceptionWeights, environment = process.env } = options;
  if (path !== undefined) return loadLocal(path, remote, options);

  const cached = join(cacheFolder(environment), 'inception', remote.name);
  if (existsSync(cached)) {
    try {
      return decodeInceptionWeights(await readWeightsFile(cached), cached, remote);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      options.onMessage?.(`the cached weights cannot be used: ${error.message}`);
    }
  }
  const advice = `download ${remote.urls[0] ?? remote.name} on another machine and give its path with --inception-weights`;
  if (options.offline === true) throw new DataError(`no Inception weights at ${cached}; ${advice}`);
  options.onMessage?.(`downloading the Inception weights to ${cached}`);
  try {
    return await download({
      ...options,
      urls: remote.urls,
      path: cached,
      accept: async (path) => decodeInceptionWeights(await readFile(path), cached, remote),
    });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${error.message}; ${advice}`, { cause: error });
  }
}

async function loadLocal(
  path: string,
  remote: RemoteWeights,
  { onMessage }: LoadInceptionWeightsOptions,
): Promise<InceptionWeights> {
  // torch.hub's convention: what stands between the last hyphen and the dot is the beginning of the SHA-256.
  const promised = /-([0-9a-f]{8,64})\.pth$/.exec(basename(path))?.[1] ?? '';
  const weights = decodeInceptionWeights(await readWeightsFile(path), path, remote, promised);
  if (!weights.published) {
    onMessage?.(
      `${path} is not ${remote.name} (its SHA-256 is ${weights.sha256}): distances over its features are not FID`,
    );
  }
  return weights;
}

async function readWeightsFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(`cannot read the Inception weights ${path}: ${(error as Error).message}`, { cause: error });
  }
}
