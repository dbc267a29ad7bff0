import { foreignKind } from '../formats/foreign-file.js';
import { decodeSafetensors, type Safetensors } from '../formats/safetensors.js';
import { CheckpointError } from '../utils/errors.js';

/** What a model is read from, for the sentences that refuse something else. */
export const MODEL_FILES = 'a run folder, its checkpoint.safetensors, or the model.safetensors of diffusion export';

/**
 * Decodes the safetensors file of a model: a checkpoint or an exported model.
 *
 * @param path only for the messages
 * @throws CheckpointError as `decodeSafetensors`; for a file of another kind with what to give instead
 */
export function decodeWeightsFile(file: Uint8Array, path: string): Safetensors {
  const kind = foreignKind(file);
  if (kind !== undefined) {
    throw new CheckpointError(`${path}: not a valid safetensors file but ${kind}; give ${MODEL_FILES}.`);
  }
  const decoded = decodeSafetensors(file, path);
  const { network, valueRange } = decoded.metadata;
  if (network !== undefined && valueRange !== undefined) {
    throw new CheckpointError(
      `${path}: the classifier ${JSON.stringify(network)}, which draws nothing; give ${MODEL_FILES}.`,
    );
  }
  return decoded;
}
