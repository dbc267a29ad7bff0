import { sha256Hex } from '#platform/sha256.js';
import { sameShape } from '../../graph/index.js';
import type { WeightSource } from '../../models/inception-v3.js';
import type { NamedTensor } from '../../nn/parameters.js';
import { DataError } from '../../utils/errors.js';
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

/** The weights of Inception-v3. */
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

/**
 * Decodes a file that torch.save wrote.
 *
 * @param published which file is the published one
 * @param promised how the file's SHA-256 must begin
 * @throws DataError where it does not, and for a file that is damaged or no state dict
 */
export function decodeInceptionWeights(
  file: Uint8Array,
  source: string,
  published: RemoteWeights,
  promised = published.sha256,
): InceptionWeights {
  const sha256 = sha256Hex(file);
  if (!sha256.startsWith(promised)) {
    throw new DataError(
      `${source} has SHA-256 ${sha256}; expected ${promised}: the file is damaged, or a different one`,
    );
  }
  return { tensors: readStateDict(file, source), source, sha256, published: sha256 === published.sha256 };
}

/** The weights as the network asks for them. @throws DataError (when asked) naming a tensor that is missing or misshapen */
export function weightSource({ tensors, source }: InceptionWeights): WeightSource {
  return (name, shape) => {
    const tensor = tensors.get(name);
    if (!tensor) {
      throw new DataError(
        `${source} has no tensor ${name} [${shape.join(',')}]; expected the Inception-v3 weights of pytorch-fid`,
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
