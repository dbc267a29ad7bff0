import type { ImageSet } from '../../src/data/image-set.js';
import { readFileSync } from 'node:fs';
import type { InceptionWeights } from '../../src/evaluation/inception/weights.js';
import { input, sizeOf, type Shape } from '../../src/graph/index.js';
import { inceptionFeatures } from '../../src/models/inception-v3.js';
import type { NamedTensor } from '../../src/nn/parameters.js';
import { deterministicTensor, hashSequence } from './deterministic-weights.js';

/** test/golden/inception.json, written by bench/golden/inception.py: what pytorch-fid computes in float64. */
export interface InceptionGolden {
  /** Every how manieth feature is recorded. */
  readonly step: number;
  readonly cases: readonly (Required<Omit<ImageSet, 'images'>> & {
    readonly name: string;
    /** Of each image's whole feature vector. */
    readonly norms: readonly number[];
    readonly features: readonly number[];
  })[];
}

export function readInceptionGolden(): InceptionGolden {
  return JSON.parse(readFileSync(new URL('inception.json', import.meta.url), 'utf8')) as InceptionGolden;
}

/** Around which value, and within which bound, the vectors of a batch normalisation lie. */
const NORMALISATION: Readonly<Record<string, readonly [centre: number, bound: number]>> = {
  weight: [1, 0.5],
  bias: [0, 0.3],
  running_mean: [0, 0.3],
  running_var: [1, 0.5],
};

/** The weights of the golden features: `weight` of bench/golden/inception.py. */
export function goldenInceptionWeight(name: string, shape: Shape): Float32Array {
  const size = sizeOf(shape);
  if (shape.length === 4) return deterministicTensor(name, size, Math.sqrt((6 * (shape[0] ?? 1)) / size));
  const [centre, bound] = NORMALISATION[name.split('.').at(-1) ?? ''] ?? [NaN, NaN];
  return deterministicTensor(name, size, bound).map((value) => centre + value);
}

/** All that the network asks for, with these values, as from an unpublished file. */
export function goldenInceptionWeights(): InceptionWeights {
  const tensors = new Map<string, NamedTensor>();
  const collect = (name: string, shape: Shape): Float32Array => {
    const data = goldenInceptionWeight(name, shape);
    tensors.set(name, { shape, data });
    return data;
  };
  inceptionFeatures(collect, input('images', [1, 3, 28, 28]));
  return { tensors, source: 'weights.pth', sha256: 'f'.repeat(64), published: false };
}

/** The images of a golden case: `images` of bench/golden/inception.py. */
export function goldenImages(golden: InceptionGolden['cases'][number]): ImageSet {
  const { name, count, height, width, channels } = golden;
  const imageSize = height * width * channels;
  const noise = hashSequence(name, count * imageSize);
  const images = Uint8Array.from(noise, (hash, i) => Math.floor((hash >>> 24) / (Math.floor(i / imageSize) + 1)));
  return { images, count, height, width, channels };
}
