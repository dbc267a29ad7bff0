import { decodeModelFile } from '../../pipeline/model-file.js';
import type { LoadedModel } from '../../pipeline/model-file.js';
import { shippedModelFile } from '../../shipped/models.js';
import { fetchBytes } from '../fetch-bytes.js';

/**
 * Downloads a model of the package by its name, or another by its address.
 *
 * @throws DataError when the file cannot be had, CheckpointError when it is damaged
 */
export async function loadModel(source: string): Promise<LoadedModel> {
  const url = shippedModelFile(source) ?? source;
  return { model: decodeModelFile(await fetchBytes(url), String(url)), step: null, averaged: null, checked: true };
}
