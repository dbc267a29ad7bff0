import { z } from 'zod';
import { classifierParameters, type ClassifierNetwork, type ClassifierShape } from './classifier-network.js';
import { evaluatorFor, evaluatorNetwork } from './evaluator.js';
import { featureNetwork, featureNetworkFor } from './feature-network.js';
import { secondFeatureNetwork, secondFeatureNetworkFor } from './second-feature-network.js';
import { ParameterMismatchError } from '../nn/parameters.js';
import { foreignKind } from '../formats/foreign-file.js';
import { parseJson } from '../formats/parse-json.js';
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors.js';
import { CheckpointError } from '../utils/errors.js';
import { text, bytes, floats, signature } from '../utils/arguments.js';
import { classifierNetwork } from '../utils/evaluation-shapes.js';

/** The classifiers that there are; each is shipped, trained, as `models/NAME.safetensors` with `models/NAME.receipt.json`. */
export const classifierNetworks = {
  evaluator: evaluatorNetwork,
  'feature-network': featureNetwork,
  'second-feature-network': secondFeatureNetwork,
} as const satisfies Record<string, ClassifierNetwork>;

export type ClassifierName = keyof typeof classifierNetworks;

/** The same networks for other images. */
export const networksFor: Readonly<Record<ClassifierName, (shape: ClassifierShape) => ClassifierNetwork>> = {
  evaluator: evaluatorFor,
  'feature-network': featureNetworkFor,
  'second-feature-network': secondFeatureNetworkFor,
};

/** What the pixels must be that the networks see: 0..255 divided by 127.5, minus 1. */
export const VALUE_RANGE = '[-1, 1]';

/** The images of a file that says nothing of them. */
const DIGITS = JSON.stringify({ imageSize: 28, imageChannels: 1, classes: 10, task: 'classes' });

/** What a file says of its images; files of the digits' networks say nothing. */
const shapeSchema = z.strictObject({
  imageSize: z.int().min(1).max(4096),
  imageChannels: z.union([z.literal(1), z.literal(3)]),
  classes: z.int().min(1).max(65_536),
  task: z.enum(['classes', 'turns']),
});

const encodeClassifierArguments = signature('encodeClassifier', {
  network: classifierNetwork,
  parameters: floats,
  trainedOn: text.optional(),
});

/**
 * A trained classifier as safetensors, in PyTorch's names and shapes; the metadata say which network it is.
 *
 * @param trainedOn `Dataset.sha256` of the images that it was trained on, told in the metadata; default: they do not say
 */
export function encodeClassifier(network: ClassifierNetwork, parameters: Float32Array, trainedOn?: string): Uint8Array {
  encodeClassifierArguments({ network, parameters, trainedOn });
  const tensors = classifierParameters(network).toNamedTensors(parameters);
  const { name, imageSize, imageChannels = 1, classes, task = 'classes' } = network;
  const shape = JSON.stringify({ imageSize, imageChannels, classes, task });
  return encodeSafetensors(tensors, {
    format: 'pt',
    network: name,
    valueRange: VALUE_RANGE,
    ...(shape === DIGITS && trainedOn === undefined ? {} : { shape }),
    ...(trainedOn === undefined ? {} : { trainedOn }),
  });
}

/** A classifier as it is read from a file: the network, its flat parameter vector, and the SHA-256 of the file. */
export interface ReadClassifier {
  readonly network: ClassifierNetwork;
  readonly parameters: Float32Array;
  readonly sha256: string;
  /** `Dataset.sha256` of the images that it was trained on, where the file says. */
  readonly trainedOn?: string | undefined;
}

const decodeClassifierArguments = signature('decodeClassifier', { file: bytes, path: text });

/**
 * Reads what `encodeClassifier` wrote.
 *
 * @param path only for the messages
 * @throws CheckpointError for a damaged file, or weights of something else
 */
export function decodeClassifier(file: Uint8Array, path: string): Omit<ReadClassifier, 'sha256'> {
  decodeClassifierArguments({ file, path });
  const kind = foreignKind(file);
  if (kind !== undefined) {
    throw new CheckpointError(
      `${path}: not a valid safetensors file but ${kind}; give weights that diffusion train-evaluator wrote.`,
    );
  }
  const { tensors, metadata } = decodeSafetensors(file, path);
  const names = Object.keys(networksFor) as ClassifierName[];
  const name = names.find((each) => each === metadata['network']);
  if (name === undefined) {
    throw new CheckpointError(
      `${path}: the metadata's "network" is ${JSON.stringify(metadata['network'])}, expected one of ${names.join(', ')}: ` +
        'no classifier that diffusion train-evaluator wrote.',
    );
  }
  const { shape = DIGITS, trainedOn } = metadata;
  const network = networksFor[name](readShape(shape, path));
  try {
    const parameters = classifierParameters(network).fromNamedTensors(tensors);
    return { network, parameters, ...(trainedOn !== undefined && { trainedOn }) };
  } catch (error) {
    if (!(error instanceof ParameterMismatchError)) throw error;
    throw new CheckpointError(`${path}: not the weights of the ${network.name}: ${error.message}.`);
  }
}

/** @throws CheckpointError for what is no shape of a classifier */
function readShape(text: string, path: string): ClassifierShape {
  try {
    return shapeSchema.parse(parseJson(text));
  } catch (error) {
    throw new CheckpointError(`${path}: "shape" in the metadata is ${text}, which is no shape of images.`, {
      cause: error,
    });
  }
}
