import type { Split } from './dataset.js';
import { signature, text } from '../utils/arguments.js';

/** A file of a data set on the network. */
export interface RemoteFile {
  /** Name at the mirrors and in the cache; ends in .gz. */
  readonly name: string;
  /** SHA-256 of the uncompressed file, in hexadecimal. */
  readonly sha256: string;
}

/** A data set that can be downloaded. */
export interface RemoteDataset {
  readonly name: string;
  readonly classes: number;
  /** Base addresses, each ending in a slash, in order of preference. */
  readonly mirrors: readonly string[];
  readonly files: Readonly<
    Record<Exclude<Split, 'validation'>, { readonly images: RemoteFile; readonly labels: RemoteFile }>
  >;
}

/** MNIST (LeCun, Cortes, Burges): 60,000 training and 10,000 test digits of 28x28. */
export const mnist: RemoteDataset = {
  name: 'MNIST',
  classes: 10,
  mirrors: ['https://storage.googleapis.com/cvdf-datasets/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
  files: {
    train: {
      images: {
        name: 'train-images-idx3-ubyte.gz',
        sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      },
      labels: {
        name: 'train-labels-idx1-ubyte.gz',
        sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      },
    },
    test: {
      images: {
        name: 't10k-images-idx3-ubyte.gz',
        sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      },
      labels: {
        name: 't10k-labels-idx1-ubyte.gz',
        sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      },
    },
  },
};

/** `Dataset.sha256` of MNIST's training digits. */
export const MNIST_SHA256 = 'c5097fdd51cfdbe7695fd9df3612695696864b5c424f58d843ffdc5d335e9914';

/** `Dataset.sha256` of the digits in the package, the first 10,000 of them. */
export const EMBEDDED_SHA256 = '168851764686d3872cfe40115767814cb012d6129723489f5a2c9d8b70e6a80f';

const areKnownDigitsArguments = signature('areKnownDigits', { sha256: text });

/** Whether a data set is known to be MNIST's training digits, all or those in the package: what the package's classifiers know. */
export function areKnownDigits(sha256: string): boolean {
  areKnownDigitsArguments({ sha256 });
  return sha256 === MNIST_SHA256 || sha256 === EMBEDDED_SHA256;
}
