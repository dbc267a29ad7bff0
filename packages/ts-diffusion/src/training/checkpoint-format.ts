import { parseConfig, trainConfigSchema, type TrainConfig } from './config.js';
import { denoiserParameters, type DenoiserConfig } from '../models/denoiser-network.js';
import type { NamedTensor } from '../nn/parameters.js';
import { CheckpointError } from '../utils/errors.js';
import { sha256Hex } from '../node/platform/sha256.js';
import { decodeSafetensors, encodeSafetensors, HEADER_LENGTH_BYTES } from './safetensors.js';
import type { TrainState } from './optimizer-session.js';

/** Everything a training run is, between two steps. */
export interface Checkpoint {
  /** Steps taken. */
  readonly step: number;
  readonly config: TrainConfig;
  readonly model: DenoiserConfig;
  /** The images it was trained on. */
  readonly data: { readonly source: string; readonly sha256: string };
  readonly state: TrainState;
  /** Steps after which the learning rate's present cycle began; absent: 0, the beginning of the run. See `cycleStartOf`. */
  readonly cycleStart?: number;
}

/** What the names of the tensors begin with, for each of the four flat vectors of a `TrainState`. */
const prefixes = {
  parameters: 'model.',
  ema: 'ema.',
  firstMoment: 'adam.first_moment.',
  secondMoment: 'adam.second_moment.',
} as const satisfies Record<keyof TrainState, string>;

const FORMAT = 'ts-diffusion-checkpoint-1';
const NO_DIGEST = '0'.repeat(64);

/**
 * Serialises a checkpoint: a safetensors file whose tensors carry PyTorch's names and shapes under `model.`, `ema.`,
 * `adam.first_moment.` and `adam.second_moment.`, and whose metadata carries the step, the configuration and a SHA-256 of
 * the whole file (with 64 zeros in the digest's place). Random streams are functions of (seed, step): no state to store.
 */
export function encodeCheckpoint({ step, config, model, data, state, cycleStart = 0 }: Checkpoint): Uint8Array {
  const layout = denoiserParameters(model);
  const tensors = new Map<string, NamedTensor>();
  for (const [part, prefix] of Object.entries(prefixes) as [keyof TrainState, string][]) {
    for (const [name, tensor] of layout.toNamedTensors(state[part])) tensors.set(prefix + name, tensor);
  }
  const file = encodeSafetensors(tensors, {
    format: FORMAT,
    sha256: NO_DIGEST,
    step: String(step),
    seed: String(config.seed),
    config: JSON.stringify(config),
    model: JSON.stringify(model),
    data: JSON.stringify(data),
    ...(cycleStart > 0 ? { cycleStart: String(cycleStart) } : {}),
  });
  file.set(new TextEncoder().encode(sha256Hex(file)), digestOffset(file, NO_DIGEST));
  return file;
}

/**
 * Reads a checkpoint written by `encodeCheckpoint`.
 *
 * @param path only for the messages
 * @throws CheckpointError when the file is truncated or damaged, or is no checkpoint of this program
 */
export function decodeCheckpoint(file: Uint8Array, path: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(file, path);
  if (metadata['format'] !== FORMAT) {
    throw new CheckpointError(
      `${path}: a safetensors file, but not a checkpoint of this program (metadata "format" is ` +
        `${JSON.stringify(metadata['format'])}, expected "${FORMAT}").`,
    );
  }
  checkDigest(file, metadata['sha256'] ?? '', path);
  const field = (name: string): unknown => JSON.parse(metadata[name] ?? 'null');
  const model = field('model') as DenoiserConfig;
  const layout = denoiserParameters(model);
  const read = (prefix: string): Float32Array => {
    const part = [...tensors].filter(([name]) => name.startsWith(prefix));
    return layout.fromNamedTensors(new Map(part.map(([name, tensor]) => [name.slice(prefix.length), tensor])));
  };
  return {
    step: field('step') as number,
    config: parseConfig(trainConfigSchema, field('config'), `${path}: the configuration in the header`),
    model,
    data: field('data') as Checkpoint['data'],
    ...(metadata['cycleStart'] === undefined ? {} : { cycleStart: Number(metadata['cycleStart']) }),
    state: {
      parameters: read(prefixes.parameters),
      ema: read(prefixes.ema),
      firstMoment: read(prefixes.firstMoment),
      secondMoment: read(prefixes.secondMoment),
    },
  };
}

function checkDigest(file: Uint8Array, digest: string, path: string): void {
  const damaged = new CheckpointError(
    `${path}: the checksum does not match: the file was damaged after it was written. Restore it or train again.`,
  );
  if (!/^[0-9a-f]{64}$/.test(digest)) throw damaged;
  const offset = digestOffset(file, digest);
  const [before, after] = [file.subarray(0, offset), file.subarray(offset + digest.length)];
  if (sha256Hex(before, new TextEncoder().encode(NO_DIGEST), after) !== digest) throw damaged;
}

/** Where the digest's hexadecimal text begins: the metadata come first in the header, so the first hit is the field. */
function digestOffset(file: Uint8Array, digest: string): number {
  const field = `"sha256":"${digest}"`;
  const headerBytes = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = file.subarray(HEADER_LENGTH_BYTES, HEADER_LENGTH_BYTES + headerBytes);
  // One character per byte, so that an index into the text is one into the bytes.
  const text = new TextDecoder('latin1').decode(header);
  return HEADER_LENGTH_BYTES + text.indexOf(field) + field.length - 1 - digest.length;
}
