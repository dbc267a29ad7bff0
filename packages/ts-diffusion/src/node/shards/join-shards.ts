import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataError } from '../../utils/errors.js';
import { callback, choice, listOf, signature, text } from '../../utils/arguments.js';
import { isRecord } from '../../utils/is-record.js';
import { isShardName, readShard, shardPath, shardPrefix, type ReadShard, type ShardDescription } from './shard-file.js';

const readShardsArguments = signature('readShards', {
  paths: listOf(text, 'an array of strings'),
  onProgress: callback.optional(),
  kind: choice(['images', 'statistics']).optional(),
});

/**
 * Reads all shards of a set of images, in the order of their numbers whatever the order of the files. A shard that is there twice
 * counts once.
 *
 * @param paths files, and folders of which all shards are read
 * @param onProgress told how many of how many files are read
 * @param kind what is read of a folder that holds shards of several kinds
 * @throws DataError for a missing or damaged shard, shards that do not fit together, and copies of one that differ
 */
export function readShards(
  paths: readonly string[],
  onProgress?: (done: number, total: number) => void,
  kind?: ShardDescription['kind'],
): readonly [ReadShard, ...ReadShard[]] {
  readShardsArguments({ paths, onProgress, kind });
  const files = paths.flatMap((path) => shardsAt(path, kind));
  const byNumber = new Map<number, ReadShard>();
  let first: ReadShard | undefined;
  for (const [i, path] of files.entries()) {
    const shard = readShard(path);
    first ??= shard;
    checkFit(first, shard);
    const twin = byNumber.get(shard.index);
    if (twin) checkSame(twin, shard);
    else byNumber.set(shard.index, shard);
    onProgress?.(i + 1, files.length);
  }
  if (first === undefined) throw new DataError(`No shards are given; name their files, or the folder that holds them.`);
  const folder = dirname(first.path);
  const missing = Array.from({ length: first.of }, (_, i) => i + 1).filter((index) => !byNumber.has(index));
  if (missing.length > 0) {
    const names = missing.map((index) => shardPath(folder, { ...first, index }));
    throw new DataError(
      `${missing.length === 1 ? 'A shard is' : `${missing.length} shards are`} missing of ${first.of}: ${listed(names)}. ` +
        `Run the command that made ${first.path} again, with --shard ${missing[0] ?? ''}/${first.of}.`,
    );
  }
  const shards = [...byNumber.values()].sort((a, b) => a.index - b.index);
  checkCoverage(shards);
  return shards as [ReadShard, ...ReadShard[]];
}

const holdsShardsArguments = signature('holdsShards', { path: text });

/** Whether a path is a shard, by its name, or a folder with some. */
export function holdsShards(path: string): boolean {
  holdsShardsArguments({ path });
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder ? readdirSync(path).some(isShardName) : isShardName(path);
}

/** @throws DataError where there is nothing, or a folder without shards */
function shardsAt(path: string, kind?: ShardDescription['kind']): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new DataError(`${path}: no such shard, and no such folder of shards.`);
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path)
    .filter((name) => isShardName(name) && name.startsWith(kind ?? ''))
    .sort();
  if (names.length === 0) {
    throw new DataError(
      `${path}: this folder holds no shards${kind === undefined ? '' : ` of ${kind}`}; diffusion sample and evaluate write them with --shard.`,
    );
  }
  return names.map((name) => join(path, name));
}

/** @throws DataError naming both files and the first thing that differs */
function checkFit(a: ReadShard, b: ReadShard): void {
  const { kind, total, of, set } = a;
  const difference = firstDifference(
    { kind, images: total, shards: of, ...set },
    { kind: b.kind, images: b.total, shards: b.of, ...b.set },
  );
  if (difference === undefined) return;
  const [field, ofA, ofB] = difference;
  const one = join(dirname(a.path), `${shardPrefix(a)}-*`);
  throw new DataError(
    `${a.path} and ${b.path} do not fit together: ${field} is ${shown(ofA)} and ${shown(ofB)}. ` +
      `Give the shards of one set, such as ${one}.`,
  );
}

/** The path of a field that differs, and both values; a name is missing where the value is undefined. */
function firstDifference(a: unknown, b: unknown, path = ''): readonly [string, unknown, unknown] | undefined {
  if (Object.is(a, b)) return undefined;
  if (!isRecord(a) || !isRecord(b)) return JSON.stringify(a) === JSON.stringify(b) ? undefined : [path, a, b];
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(a[name], b[name], path === '' ? name : `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}

const LONGEST = 40;

/** @param value undefined: not given */
function shown(value: unknown): string {
  if (value === undefined) return 'not given';
  const text = JSON.stringify(value).replaceAll('"', '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** @throws DataError for two files of one shard that hold other numbers */
function checkSame(a: ReadShard, b: ReadShard): void {
  const equal =
    a.tensors.size === b.tensors.size &&
    [...a.tensors].every(([name, { data }]) => {
      const other = b.tensors.get(name)?.data;
      return other !== undefined && bytesOf(data).equals(bytesOf(other));
    });
  if (equal) return;
  throw new DataError(
    `${a.path} and ${b.path} are both shard ${a.index}/${a.of}, but hold other numbers; were they computed on different ` +
      'devices or with different threads? Leave one of them out.',
  );
}

function bytesOf(data: Uint8Array | Int32Array | Float32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** @throws DataError unless the shards are the whole set, without a gap */
function checkCoverage(shards: readonly ReadShard[]): void {
  let next = 0;
  for (const { first, count, path } of shards) {
    if (first !== next) throw new DataError(`${path}: the shard begins at image ${first}, where ${next} was expected.`);
    next += count;
  }
  const last = shards.at(-1);
  if (last && next !== last.total) {
    throw new DataError(`${last.path}: the shards end after ${next} of ${last.total} images.`);
  }
}

/** Missing files that are named; of more only their number is. */
const NAMED = 3;

function listed(paths: readonly string[]): string {
  const names = paths.slice(0, NAMED).map((path, i) => (i === 0 ? path : basename(path)));
  const further = paths.length - names.length;
  return names.join(', ') + (further > 0 ? ` and ${further} more` : '');
}
