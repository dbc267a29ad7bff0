import { sha256Hex } from '#platform/sha256.js';
import { floats, like, signature } from '../utils/arguments.js';
import type { PipelineModel } from './pipeline-model.js';

const weightsHashArguments = signature('weightsHash', { model: like('a model', { parameters: floats }) });

/** SHA-256 of a model's weights in hexadecimal, as receipts name them. */
export function weightsHash(model: Pick<PipelineModel, 'parameters'>): string {
  weightsHashArguments({ model });
  const { buffer, byteOffset, byteLength } = model.parameters;
  return sha256Hex(new Uint8Array(buffer, byteOffset, byteLength));
}
