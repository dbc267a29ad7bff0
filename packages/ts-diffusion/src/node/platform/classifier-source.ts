import type { ClassifierName, ReadClassifier } from '../../classifier/classifier-file.js';
import { readClassifier as readClassifierFile } from '../classifier/read-classifier.js';

/**
 * Reads a classifier of the package by its name, or another by its path.
 *
 * @throws CheckpointError when the file is missing, damaged or of something else
 */
// A promise, as a browser gives: what is thrown rejects it.
// eslint-disable-next-line @typescript-eslint/require-await
export async function readClassifier(source: ClassifierName | (string & {})): Promise<ReadClassifier> {
  return readClassifierFile(source);
}
