import { z } from 'zod';
import { parseTrainConfig } from './check-config.js';
import type { TrainConfig } from './config.js';
import { describeToneCurve, readToneCurve, type ToneCurve } from '../diffusion/tone-curve.js';
import { parseJson } from '../formats/parse-json.js';
import { checkDigest, encodeWithDigest } from '../formats/safetensors-digest.js';
import { denoiserParameters, type DenoiserConfig } from '../models/denoiser-network.js';
import { parseDenoiserConfig } from '../models/denoiser-schema.js';
import type { NamedTensor } from '../nn/parameters.js';
import { CheckpointError } from '../utils/errors.js';
import type { TrainState } from './optimizer-session.js';
import { decodeWeightsFile, MODEL_FILES } from './weights-file.js';
import { bytes, signature, text } from '../utils/arguments.js';
import { currentMetricName } from '../utils/metric-names.js';
import { checkpoint } from '../utils/training-shapes.js';

/** The images that a run was trained on. */
export interface TrainingData {
  readonly source: string;
  readonly sha256: string;
  /** The labels that occur among them, ascending; absent in checkpoints that do not say. */
  readonly seenClasses?: readonly number[];
  /** What the classes are called, by label, where they have names. */
  readonly classNames?: readonly string[];
  /** The images that the training is watched with, and that it was not trained on; absent: there are none. */
  readonly validation?: { readonly count: number; readonly source: string };
}

/** What weights were chosen by, out of those that were looked at. */
export interface WeightSelection {
  /** As in `metrics.jsonl`: `validationLoss`, or the name of a score. */
  readonly metric: string;
  /** Lower is better. */
  readonly value: number;
  /** Of so many samples: distances between more are lower. Absent: of none, a loss. */
  readonly samples?: number;
}

/** Everything a training run is, between two steps. */
export interface Checkpoint {
  /** Steps taken. */
  readonly step: number;
  readonly config: TrainConfig;
  readonly model: DenoiserConfig;
  readonly data: TrainingData;
  readonly state: TrainState;
  /** Steps after which the learning rate's present cycle began; absent: 0, the beginning of the run. See `cycleStartOf`. */
  readonly cycleStart?: number;
  /** Given where these are the best weights of a run so far. */
  readonly selection?: WeightSelection;
  /** The curve of the averaged weights of the last step, where `config.toneCurve` asks for one. */
  readonly toneCurve?: ToneCurve | undefined;
  /** The momentum of the outer step, of a training of replicas: see `outerStep`. */
  readonly outerMomentum?: Float32Array;
  /** Given where this is one replica, between two averages or at the next. */
  readonly slice?: SliceRecord;
}

/** What a replica did since it began with common weights. */
export interface SliceRecord {
  /** Hash of all that decides it. */
  readonly key: string;
  /** Of each step since then. */
  readonly losses: readonly number[];
}

/** What the names of the tensors begin with, for each of the four flat vectors of a `TrainState`. */
export const statePrefixes = {
  parameters: 'model.',
  ema: 'ema.',
  firstMoment: 'adam.first_moment.',
  secondMoment: 'adam.second_moment.',
} as const satisfies Record<keyof TrainState, string>;

const OUTER_MOMENTUM = 'outer.momentum.';

const FORMAT = 'ts-diffusion-checkpoint-1';

const encodeCheckpointArguments = signature('encodeCheckpoint', { checkpoint });

/**
 * Serialises a checkpoint: a safetensors file whose tensors carry PyTorch's names and shapes under `model.`, `ema.`,
 * `adam.first_moment.`, `adam.second_moment.` and, of replicas, `outer.momentum.`, and whose metadata carries the step, the configuration and a SHA-256 of
 * the whole file (with 64 zeros in the digest's place). Random streams are functions of (seed, step): no state to store.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  encodeCheckpointArguments({ checkpoint });
  const { step, config, model, data, state, cycleStart = 0, selection, toneCurve, outerMomentum, slice } = checkpoint;
  const layout = denoiserParameters(model);
  const tensors = new Map<string, NamedTensor>();
  const add = (prefix: string, vector: Float32Array): void => {
    for (const [name, tensor] of layout.toNamedTensors(vector)) tensors.set(prefix + name, tensor);
  };
  for (const [part, prefix] of Object.entries(statePrefixes) as [keyof TrainState, string][]) add(prefix, state[part]);
  if (outerMomentum) add(OUTER_MOMENTUM, outerMomentum);
  return encodeWithDigest(tensors, {
    format: FORMAT,
    step: String(step),
    seed: String(config.seed),
    config: JSON.stringify(config),
    model: JSON.stringify(model),
    data: JSON.stringify(data),
    ...(cycleStart > 0 ? { cycleStart: String(cycleStart) } : {}),
    ...(selection ? { selection: JSON.stringify(selection) } : {}),
    ...(toneCurve ? { toneCurve: describeToneCurve(toneCurve) } : {}),
    ...(slice ? { slice: JSON.stringify(slice) } : {}),
  });
}

const countSchema = z.int().nonnegative();
const dataSchema = z.strictObject({
  source: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  seenClasses: z.array(countSchema).min(1).exactOptional(),
  classNames: z.array(z.string().min(1)).exactOptional(),
  validation: z.strictObject({ count: countSchema, source: z.string() }).exactOptional(),
});
const selectionSchema = z.strictObject({
  metric: z.string().transform(currentMetricName),
  value: z.number(),
  samples: countSchema.exactOptional(),
});

const sliceSchema = z.strictObject({ key: z.string(), losses: z.array(z.number()) });

const decodeCheckpointArguments = signature('decodeCheckpoint', { file: bytes, path: text });

/**
 * Reads a checkpoint written by `encodeCheckpoint`.
 *
 * @param path only for the messages
 * @throws CheckpointError when the file is truncated or damaged, or is no checkpoint of this program
 */
export function decodeCheckpoint(file: Uint8Array, path: string): Checkpoint {
  decodeCheckpointArguments({ file, path });
  const { tensors, metadata } = decodeWeightsFile(file, path);
  if (metadata['format'] !== FORMAT) {
    throw new CheckpointError(
      `${path}: a safetensors file, but not a checkpoint of this program (metadata "format" is ` +
        `${JSON.stringify(metadata['format'])}, expected "${FORMAT}"); give ${MODEL_FILES}.`,
    );
  }
  checkDigest(file, metadata['sha256'] ?? '', path);
  try {
    const run = describedRun(metadata);
    return { ...run, ...readVectors(tensors, run.model) };
  } catch (error) {
    throw new CheckpointError(`${path}: not a checkpoint that this program wrote: ${sentence(error)}`, {
      cause: error,
    });
  }
}

/** Whatever is wrong with the metadata is told in the words of the schema that noticed. */
function sentence(error: unknown): string {
  const text = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
  return text.endsWith('.') ? text : `${text}.`;
}

function describedRun(metadata: Readonly<Record<string, string>>): Omit<Checkpoint, 'state' | 'outerMomentum'> {
  const model = parseDenoiserConfig(field(metadata, 'model'));
  const data = dataSchema.parse(field(metadata, 'data'));
  const beyond = data.seenClasses?.find((label) => label >= model.classes);
  if (beyond !== undefined) {
    throw new RangeError(`"data.seenClasses" has class ${beyond} of a network of ${model.classes} classes`);
  }
  if (data.classNames !== undefined && data.classNames.length !== model.classes) {
    throw new RangeError(`"data.classNames" has ${data.classNames.length} names for ${model.classes} classes`);
  }
  return {
    step: countSchema.parse(field(metadata, 'step')),
    config: parseTrainConfig(field(metadata, 'config'), 'the configuration in the header'),
    model,
    data,
    ...(metadata['cycleStart'] === undefined ? {} : { cycleStart: countSchema.parse(field(metadata, 'cycleStart')) }),
    ...(metadata['selection'] === undefined ? {} : { selection: selectionSchema.parse(field(metadata, 'selection')) }),
    ...(metadata['toneCurve'] === undefined
      ? {}
      : { toneCurve: readToneCurve(field(metadata, 'toneCurve'), model.imageChannels) }),
    ...(metadata['slice'] === undefined ? {} : { slice: sliceSchema.parse(field(metadata, 'slice')) }),
  };
}

function readVectors(
  tensors: ReadonlyMap<string, NamedTensor>,
  model: DenoiserConfig,
): Pick<Checkpoint, 'state' | 'outerMomentum'> {
  const layout = denoiserParameters(model);
  const read = (prefix: string): Float32Array => {
    const part = [...tensors].filter(([name]) => name.startsWith(prefix));
    return layout.fromNamedTensors(new Map(part.map(([name, tensor]) => [name.slice(prefix.length), tensor])));
  };
  const state = {
    parameters: read(statePrefixes.parameters),
    ema: read(statePrefixes.ema),
    firstMoment: read(statePrefixes.firstMoment),
    secondMoment: read(statePrefixes.secondMoment),
  };
  const hasMomentum = [...tensors.keys()].some((name) => name.startsWith(OUTER_MOMENTUM));
  return { state, ...(hasMomentum && { outerMomentum: read(OUTER_MOMENTUM) }) };
}

/** @throws SyntaxError for what is missing or not JSON */
function field(metadata: Readonly<Record<string, string>>, name: string): unknown {
  const text = metadata[name];
  if (text === undefined) throw new SyntaxError(`the metadata have no "${name}"`);
  try {
    return parseJson(text);
  } catch (error) {
    throw new SyntaxError(`"${name}" in the metadata is not JSON (${(error as Error).message})`);
  }
}
