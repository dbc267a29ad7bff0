import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CheckpointError } from '../../utils/errors.js';
import { sha256Hex } from '../platform/sha256.js';
import {
  classifierNetworks,
  decodeClassifier,
  type ClassifierName,
  type ReadClassifier,
} from '../../classifier/classifier-file.js';
import { shippedModelFiles } from '../../shipped/models.js';
import { readClassifierReceipt, receiptPath } from './classifier-receipt.js';

/** Where the shipped weights of a classifier lie. */
export function shippedClassifierPath(name: ClassifierName): string {
  return fileURLToPath(shippedModelFiles[name]);
}

/**
 * Reads a shipped classifier by its name, or a file by its path, and holds it against the receipt beside it, if there is one.
 *
 * @returns the network, its flat parameter vector, and the SHA-256 of the file
 * @throws CheckpointError when the file is missing, damaged or of something else, or not the one the receipt describes
 */
export function readClassifier(source: ClassifierName | (string & {})): ReadClassifier {
  const path = isShipped(source) ? shippedClassifierPath(source) : source;
  if (!existsSync(path)) {
    const names = Object.keys(classifierNetworks).join(', ');
    throw new CheckpointError(
      `${path}: no such classifier. The package has ${names}; diffusion train-evaluator trains others.`,
    );
  }
  const file = readFileSync(path);
  const sha256 = sha256Hex(file);
  const receipt = receiptPath(path);
  const described = existsSync(receipt) ? readClassifierReceipt(receipt).weights.sha256 : sha256;
  if (described !== sha256) {
    throw new CheckpointError(
      `${path}: its SHA-256 is ${sha256}, but the receipt beside it gives ${described}; ` +
        'restore the file, or train the classifier again.',
    );
  }
  return { ...decodeClassifier(file, path), sha256 };
}

function isShipped(source: string): source is ClassifierName {
  return Object.hasOwn(classifierNetworks, source);
}
