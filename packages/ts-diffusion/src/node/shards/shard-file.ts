import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../formats/parse-json.js';
import {
  decodeTypedTensors,
  encodeTypedTensors,
  type TypedTensor,
  type TypedTensors,
} from '../../formats/typed-tensors.js';
import { CheckpointError, DataError } from '../../utils/errors.js';
import { count, options, positiveCount, record, signature, tensorMap, text } from '../../utils/arguments.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { sha256Hex } from '../platform/sha256.js';

const FORMAT = 'ts-diffusion shard 1';
const KEY_LENGTH = 12;

const descriptionSchema = z
  .strictObject({
    /** What it is a shard of: images, or what scores are computed from. */
    kind: z.enum(['images', 'statistics']),
    /** Everything that decides what is in the undivided set, its model, sampling and seed: shards of equal sets fit together. */
    set: z.record(z.string(), z.unknown()),
    /** Number of the shard: 1, 2, ... */
    index: z.int().min(1),
    of: z.int().min(1),
    /** The shard's images among those of the set. */
    first: z.int().min(0),
    count: z.int().min(1),
    /** Images of the set. */
    total: z.int().min(1),
    /** What decides nothing: machine, names of files. */
    notes: z.record(z.string(), z.unknown()),
  })
  .refine(
    ({ index, of, first, count: images, total }) => index <= of && first + images <= total,
    'no shard of this set',
  );

/** What a shard is of: all that its file says but for the tensors. */
export type ShardDescription = z.infer<typeof descriptionSchema>;

/** A shard as it was read. */
export interface ReadShard extends ShardDescription {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TypedTensor>;
}

const shardShape = options({
  kind: text,
  set: record,
  index: positiveCount,
  of: positiveCount,
  first: count,
  count: positiveCount,
  total: positiveCount,
  notes: record,
});
const shardPathArguments = signature('shardPath', { folder: text, shard: shardShape });

/**
 * The file of a shard: its name has the hash of what decides the set, so that shards of other sets in the folder stay as they are.
 * It does not depend on the machine, nor on when and how often the shard is computed.
 */
export function shardPath(folder: string, shard: ShardDescription): string {
  shardPathArguments({ folder, shard });
  const index = String(shard.index).padStart(String(shard.of).length, '0');
  return join(folder, `${shardPrefix(shard)}-${index}-of-${shard.of}.safetensors`);
}

/** What the names of all shards of a set begin with. */
export function shardPrefix({ kind, set, total }: Pick<ShardDescription, 'kind' | 'set' | 'total'>): string {
  const decided = new TextEncoder().encode(JSON.stringify({ FORMAT, kind, set, total }));
  return `${kind}-${sha256Hex(decided).slice(0, KEY_LENGTH)}`;
}

/** Whether a name is that of a shard's file. */
export const isShardName = (name: string): boolean =>
  /^(images|statistics)-[0-9a-f]{12}-\d+-of-\d+\.safetensors$/.test(basename(name));

const writeShardArguments = signature('writeShard', { folder: text, shard: shardShape, tensors: tensorMap });

/**
 * Writes a shard into a folder under the name of `shardPath`: a safetensors file under a checksum, whole or not at all.
 *
 * @returns its path
 * @throws WriteError when it cannot be written, DataError for a description that is none
 */
export function writeShard(folder: string, shard: ShardDescription, tensors: ReadonlyMap<string, TypedTensor>): string {
  writeShardArguments({ folder, shard, tensors });
  const checked = descriptionSchema.safeParse(shard);
  if (!checked.success)
    throw new DataError(`writeShard: this is not the description of a shard (${told(checked.error)}).`);
  const path = shardPath(folder, shard);
  const metadata = { format: FORMAT, shard: JSON.stringify(checked.data) };
  writeFileAtomic(path, encodeTypedTensors({ tensors, metadata }));
  return path;
}

const readShardArguments = signature('readShard', { path: text });

/**
 * Reads a shard, checked by its hash.
 *
 * @throws DataError for a file that is missing, damaged or of another kind
 */
export function readShard(path: string): ReadShard {
  readShardArguments({ path });
  if (!existsSync(path)) throw new DataError(`${path}: no such shard.`);
  const { tensors, metadata } = contentsOf(path);
  if (metadata['format'] !== FORMAT) {
    throw new DataError(`${path}: not a shard; diffusion sample and evaluate write them with --shard.`);
  }
  const described = descriptionSchema.safeParse(parsed(metadata['shard'] ?? ''));
  if (!described.success) throw new DataError(`${path}: not the description of a shard (${told(described.error)}).`);
  return { ...described.data, tensors, path };
}

function contentsOf(path: string): TypedTensors {
  let contents: TypedTensors | null;
  try {
    contents = decodeTypedTensors(readFileSync(path), path);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new DataError(`${error.message} Delete the file and compute the shard again.`, { cause: error });
  }
  if (contents !== null) return contents;
  throw new DataError(
    `${path}: the checksum does not match: the shard was damaged after it was written. Delete the file and compute it again.`,
  );
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function told({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'all'}: ${issue?.message ?? ''}`;
}

const findShardArguments = signature('findShard', { folder: text, shard: shardShape });

/**
 * Looks whether a shard is already computed.
 *
 * @returns the shard; undefined where there is none that is whole
 */
export function findShard(folder: string, shard: ShardDescription): ReadShard | undefined {
  findShardArguments({ folder, shard });
  const path = shardPath(folder, shard);
  if (!existsSync(path)) return undefined;
  try {
    const found = readShard(path);
    return shardPrefix(found) === shardPrefix(shard) && found.index === shard.index && found.of === shard.of
      ? found
      : undefined;
  } catch (error) {
    // A damaged one is replaced.
    if (error instanceof DataError) return undefined;
    throw error;
  }
}
