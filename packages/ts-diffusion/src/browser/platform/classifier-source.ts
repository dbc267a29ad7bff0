import { decodeClassifier, type ClassifierName, type ReadClassifier } from '../../classifier/classifier-file.js';
import { shippedModelFile } from '../../shipped/models.js';
import { fetchBytes } from '../fetch-bytes.js';
import { sha256Hex } from './sha256.js';

/**
 * Downloads a classifier of the package by its name, or another by its address.
 *
 * @throws DataError when the file cannot be downloaded, CheckpointError when it is damaged or of something else
 */
export async function readClassifier(source: ClassifierName | (string & {})): Promise<ReadClassifier> {
  const url = shippedModelFile(source) ?? source;
  const file = await fetchBytes(url);
  return { ...decodeClassifier(file, String(url)), sha256: sha256Hex(file) };
}
