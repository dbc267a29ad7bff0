import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../data/cache-folder.js';
import { download, type DownloadOptions } from '../../data/download.js';
import { sameShape } from '../../graph/index.js';
import type { WeightSource } from '../../models/inception-v3.js';
import type { NamedTensor } from '../../nn/parameters.js';
import { DataError } from '../../utils/errors.js';
import { sha256Hex } from '../../utils/sha256.js';
import { readStateDict } from './torch-archive.js';

/** A file of weights on the network. */
export interface RemoteWeights {
  /** Name in the cache. */
  readonly name: string;
  readonly urls: readonly string[];
  /** In hexadecimal. torch.hub's convention puts its first eight digits into the file's name. */
  readonly sha256: string;
}

/** Inception-v3 of 2015-12-05 as pytorch-fid publishes it, and the same file from torch-fidelity. */
export const publishedInceptionWeights: RemoteWeights = {
  name: 'pt_inception-2015-12-05-6726825d.pth',
  urls: [
    'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth',
    'https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth',
  ],
  sha256: '6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2',
};

export interface InceptionWeights {
  /** By PyTorch's names. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** The file they come from. */
  readonly source: string;
  /** Of that file. */
  readonly sha256: string;
  /** Whether it is the published file: only then is a Fréchet distance over these features the FID. */
  readonly published: boolean;
}

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

/**
 * The weights of Inception-v3 for FID, from the first of: `path`; the cache; a download (91 MB) into the cache, checked by
 * its SHA-256.
 * @throws DataError where the file is missing, damaged, no state dict, or not to be had
 */
export async function loadInceptionWeights(options: LoadInceptionWeightsOptions = {}): Promise<InceptionWeights> {
  const { path, remote = publishedInceptionWeights, environment = process.env } = options;
  if (path !== undefined) return loadLocal(path, remote, options);

  const cached = join(cacheFolder(environment), 'inception', remote.name);
  if (existsSync(cached)) {
    try {
      return decodeWeights(await readWeightsFile(cached), cached, remote.sha256);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      options.onMessage?.(`the cached weights are not usable: ${error.message}`);
    }
  }
  const advice = `get ${remote.urls[0] ?? remote.name} elsewhere and give its path with --inception-weights`;
  if (options.offline === true) throw new DataError(`no Inception weights at ${cached}; ${advice}`);
  options.onMessage?.(`downloading the Inception weights to ${cached}`);
  try {
    return await download({
      ...options,
      urls: remote.urls,
      path: cached,
      accept: (bytes) => Promise.resolve(decodeWeights(bytes, cached, remote.sha256)),
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
  const promised = /-([0-9a-f]{8,64})\.pth$/.exec(basename(path))?.[1];
  const weights = decodeWeights(await readWeightsFile(path), path, promised);
  const published = weights.sha256 === remote.sha256;
  if (!published) {
    onMessage?.(
      `${path} is not ${remote.name} (its SHA-256 is ${weights.sha256}): distances over its features are not FID`,
    );
  }
  return { ...weights, published };
}

async function readWeightsFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(`cannot read the Inception weights ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** @param promised how the file's SHA-256 must begin */
function decodeWeights(file: Uint8Array, source: string, promised = ''): InceptionWeights {
  const sha256 = sha256Hex(file);
  if (!sha256.startsWith(promised)) {
    throw new DataError(`${source} has SHA-256 ${sha256}; expected ${promised}: it is damaged or another file`);
  }
  return { tensors: readStateDict(file, source), source, sha256, published: true };
}

/** The weights as the network asks for them. @throws DataError (when asked) naming a tensor that is missing or misshapen */
export function weightSource({ tensors, source }: InceptionWeights): WeightSource {
  return (name, shape) => {
    const tensor = tensors.get(name);
    if (!tensor) {
      throw new DataError(
        `${source} has no tensor ${name} [${shape.join(',')}]: it holds no Inception-v3 as pytorch-fid's`,
      );
    }
    if (!sameShape(tensor.shape, shape)) {
      throw new DataError(
        `${source}: tensor ${name} is [${tensor.shape.join(',')}]; Inception-v3 as pytorch-fid's has [${shape.join(',')}]`,
      );
    }
    return tensor.data;
  };
}
