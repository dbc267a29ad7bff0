import { checkDigest, encodeWithDigest } from '../formats/safetensors-digest.js';
import { decodeSafetensors } from '../formats/safetensors.js';
import { parseJson } from '../formats/parse-json.js';
import { denoiserParameters } from '../models/denoiser-network.js';
import { parseDenoiserConfig } from '../models/denoiser-schema.js';
import type { ModernUNetConfig } from '../models/modern-unet.js';
import type { NamedTensor, ParameterLayout } from '../nn/parameters.js';
import { statePrefixes } from '../training/checkpoint-format.js';
import type { TrainState } from '../training/optimizer-session.js';
import { CheckpointError } from '../utils/errors.js';
import { resolveDistillConfig, type DistillConfig } from './distill-config.js';
import type { DistillState } from './distiller.js';

/** Everything a distillation is, between two updates. */
export interface DistillCheckpoint {
  /** Updates taken. */
  readonly step: number;
  readonly config: DistillConfig;
  /** The student's network. */
  readonly model: ModernUNetConfig;
  /** SHA-256 of the teacher's weights. */
  readonly teacher: string;
  readonly state: DistillState;
}

const FORMAT = 'ts-diffusion-distillation-1';

const networks = ['student', 'fake'] as const;

/** Serialises a checkpoint as safetensors with a checksum; random streams are functions of (seed, step). */
export function encodeDistillCheckpoint({ step, config, model, teacher, state }: DistillCheckpoint): Uint8Array {
  const layout = denoiserParameters(model);
  const tensors = new Map<string, NamedTensor>();
  for (const network of networks) {
    for (const [part, prefix] of Object.entries(statePrefixes) as [keyof TrainState, string][]) {
      for (const [name, tensor] of layout.toNamedTensors(state[network][part])) {
        tensors.set(`${network}.${prefix}${name}`, tensor);
      }
    }
  }
  if (state.drawn !== undefined) {
    const { images, given } = state.drawn;
    const add = (name: string, data: Float32Array): void => void tensors.set(name, { shape: [data.length], data });
    add('drawn.images', images);
    add('drawn.from', given.images);
    add('drawn.timesteps', given.timesteps);
    add('drawn.labels', Float32Array.from(given.labels));
    add('drawn.guidance', given.guidanceWeights);
  }
  return encodeWithDigest(tensors, {
    format: FORMAT,
    step: String(step),
    config: JSON.stringify(config),
    model: JSON.stringify(model),
    teacher,
  });
}

/**
 * Reads what `encodeDistillCheckpoint` wrote.
 *
 * @param path only for the messages
 * @throws CheckpointError when the file is damaged or something else
 */
export function decodeDistillCheckpoint(file: Uint8Array, path: string): DistillCheckpoint {
  const { tensors, metadata } = decodeSafetensors(file, path);
  const { format, sha256 = '', step, config, model, teacher } = metadata;
  if (format !== FORMAT) throw new CheckpointError(`${path}: not a checkpoint of diffusion distill.`);
  checkDigest(file, sha256, path);
  try {
    const network = parseDenoiserConfig(parseJson(model ?? 'null')) as ModernUNetConfig;
    const layout = denoiserParameters(network);
    const [student, fake] = networks.map((each) => readState(tensors, layout, `${each}.`)) as [TrainState, TrainState];
    return {
      step: Number(step),
      config: resolveDistillConfig(parseJson(config ?? 'null') as object),
      model: network,
      teacher: teacher ?? '',
      state: { student, fake, drawn: readDrawn(tensors) },
    };
  } catch (error) {
    throw new CheckpointError(`${path}: not a checkpoint that this program wrote: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

function readState(tensors: ReadonlyMap<string, NamedTensor>, layout: ParameterLayout, network: string): TrainState {
  const read = (prefix: string): Float32Array => {
    const part = [...tensors].filter(([name]) => name.startsWith(network + prefix));
    const length = (network + prefix).length;
    return layout.fromNamedTensors(new Map(part.map(([name, tensor]) => [name.slice(length), tensor])));
  };
  return {
    parameters: read(statePrefixes.parameters),
    ema: read(statePrefixes.ema),
    firstMoment: read(statePrefixes.firstMoment),
    secondMoment: read(statePrefixes.secondMoment),
  };
}

function readDrawn(tensors: ReadonlyMap<string, NamedTensor>): DistillState['drawn'] {
  if (!tensors.has('drawn.images')) return undefined;
  const read = (name: string): Float32Array => {
    const tensor = tensors.get(`drawn.${name}`);
    if (tensor === undefined) throw new Error(`the tensor drawn.${name} is missing`);
    return tensor.data;
  };
  return {
    images: read('images'),
    given: {
      images: read('from'),
      timesteps: read('timesteps'),
      labels: Int32Array.from(read('labels')),
      guidanceWeights: read('guidance'),
    },
  };
}
