import { classifierParameters, type ClassifierNetwork } from './classifier-network.js';
import { evaluatorNetwork } from './evaluator.js';
import { featureNetwork } from './feature-network.js';
import { ParameterMismatchError } from '../nn/parameters.js';
import { foreignKind } from '../formats/foreign-file.js';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors.js';
import { CheckpointError } from '../utils/errors.js';
import { text, bytes, floats, signature } from '../utils/arguments.js';
import { classifierNetwork } from '../utils/evaluation-shapes.js';

/** The classifiers that there are; each is shipped, trained, as `models/NAME.safetensors` with `models/NAME.receipt.json`. */
export const classifierNetworks = {
  evaluator: evaluatorNetwork,
  'feature-network': featureNetwork,
} as const satisfies Record<string, ClassifierNetwork>;

export type ClassifierName = keyof typeof classifierNetworks;

/** What the pixels must be that the networks see: 0..255 divided by 127.5, minus 1. */
export const VALUE_RANGE = '[-1, 1]';

const encodeClassifierArguments = signature('encodeClassifier', { network: classifierNetwork, parameters: floats });

/** A trained classifier as safetensors, in PyTorch's names and shapes; the metadata say which network it is. */
export function encodeClassifier(network: ClassifierNetwork, parameters: Float32Array): Uint8Array {
  encodeClassifierArguments({ network, parameters });
  const tensors = classifierParameters(network).toNamedTensors(parameters);
  return encodeSafetensors(tensors, { format: 'pt', network: network.name, valueRange: VALUE_RANGE });
}

/** A classifier as it is read from a file: the network, its flat parameter vector, and the SHA-256 of the file. */
export interface ReadClassifier {
  readonly network: ClassifierNetwork;
  readonly parameters: Float32Array;
  readonly sha256: string;
}

const decodeClassifierArguments = signature('decodeClassifier', { file: bytes, path: text });

/**
 * Reads what `encodeClassifier` wrote.
 *
 * @param path only for the messages
 * @throws CheckpointError for a damaged file, or weights of something else
 */
export function decodeClassifier(
  file: Uint8Array,
  path: string,
): { network: ClassifierNetwork; parameters: Float32Array } {
  decodeClassifierArguments({ file, path });
  const kind = foreignKind(file);
  if (kind !== undefined) {
    throw new CheckpointError(
      `${path}: not a valid safetensors file but ${kind}; give weights that diffusion train-evaluator wrote.`,
    );
  }
  const { tensors, metadata } = decodeSafetensors(file, path);
  const network = Object.values(classifierNetworks).find(({ name }) => name === metadata['network']);
  if (network === undefined) {
    const names = Object.keys(classifierNetworks).join(', ');
    throw new CheckpointError(
      `${path}: the metadata's "network" is ${JSON.stringify(metadata['network'])}, expected one of ${names}: ` +
        'no classifier that diffusion train-evaluator wrote.',
    );
  }
  try {
    return { network, parameters: classifierParameters(network).fromNamedTensors(tensors) };
  } catch (error) {
    if (!(error instanceof ParameterMismatchError)) throw error;
    throw new CheckpointError(`${path}: not the weights of the ${network.name}: ${error.message}.`);
  }
}
