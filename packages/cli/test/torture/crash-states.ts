import { dirname } from 'node:path';
import type { FileId, Operation } from './operations.js';

/** What is below a folder: bytes by path, null for a folder. */
export type Tree = ReadonlyMap<string, Uint8Array | null>;

/**
 * What a power cut leaves of what was not yet synced. File systems write data in any order, and the names in a folder in the
 * order in which they were changed (as the journals of ext4, XFS and Btrfs do), each folder for itself. See Pillai et al.
 * 2014, "All file systems are not created equal".
 */
export interface Persistence {
  /** How many of a folder's changes that wait for a sync arrive, of `waiting`. */
  readonly names: (waiting: number) => number;
  /** What of a file arrives, of which all bytes from `synced` on wait for a sync. */
  readonly data: (bytes: Uint8Array, synced: number) => Uint8Array;
}

type RandomInteger = (below: number) => number;

const everyName = (waiting: number): number => waiting;
const asWritten = (bytes: Uint8Array): Uint8Array => bytes;
const lost = (bytes: Uint8Array, synced: number): Uint8Array => bytes.subarray(0, synced);

/** The length arrives, the blocks do not. */
const zeros = (bytes: Uint8Array, synced: number): Uint8Array => Uint8Array.from(bytes).fill(0, synced);

const torn =
  (random: RandomInteger) =>
  (bytes: Uint8Array, synced: number): Uint8Array => {
    const arrived = synced + random(bytes.length - synced);
    return random(2) === 0 ? lost(bytes, arrived) : zeros(bytes, arrived);
  };

/** A process that dies alone: the operating system has all that it was given. */
export const allArrives: Persistence = { names: everyName, data: asWritten };

/** The kinds of power cuts that are tried at each operation. */
export const powerCuts = {
  /** Reordered: later renames arrive, earlier writes do not. */
  'writes lost': () => ({ names: everyName, data: lost }),
  /** Reordered: the data arrive, the names do not. */
  'names lost': () => ({ names: () => 0, data: asWritten }),
  'writes torn': (random) => ({ names: everyName, data: torn(random) }),
  anything: (random) => ({
    names: (waiting) => random(waiting + 1),
    data: (bytes, synced) => ([asWritten, lost, zeros, torn(random)][random(4)] ?? asWritten)(bytes, synced),
  }),
} as const satisfies Record<string, (random: RandomInteger) => Persistence>;

interface FileState {
  bytes: Uint8Array;
  /** Bytes from the beginning that a sync has made durable. */
  synced: number;
}

/** What is there after the first `count` operations of `log` and a crash, where `start` was there, all synced, before. */
export function crashState(start: Tree, log: readonly Operation[], count: number, persistence: Persistence): Tree {
  const done = log.slice(0, count);
  const files = filesAfter(start, done);
  const arrived = arrivedNames(done, persistence);
  const names = new Map<string, FileId | null>([...start].map(([path, bytes]) => [path, bytes === null ? null : path]));
  done.forEach((operation, i) => {
    if (arrived.has(i)) rename(names, operation);
  });
  const contents = new Map<FileId, Uint8Array>(
    [...files].map(([file, { bytes, synced }]) => [
      file,
      synced < bytes.length ? persistence.data(bytes, synced) : bytes,
    ]),
  );
  const isReachable = (path: string): boolean => {
    const folder = dirname(path);
    return folder === '.' || (names.get(folder) === null && isReachable(folder));
  };
  return new Map(
    [...names]
      .filter(([path]) => isReachable(path))
      .map(([path, file]) => [path, file === null ? null : (contents.get(file) ?? new Uint8Array())]),
  );
}

function filesAfter(start: Tree, log: readonly Operation[]): Map<FileId, FileState> {
  const files = new Map<FileId, FileState>();
  for (const [path, bytes] of start) if (bytes !== null) files.set(path, { bytes, synced: bytes.length });
  for (const operation of log) {
    if (!('file' in operation)) continue;
    const file = files.get(operation.file) ?? { bytes: new Uint8Array(), synced: 0 };
    files.set(operation.file, file);
    if (operation.kind === 'sync') file.synced = file.bytes.length;
    else if (operation.kind === 'truncate') Object.assign(file, { bytes: new Uint8Array(), synced: 0 });
    else if (operation.kind === 'write') {
      file.bytes = Buffer.concat([file.bytes.subarray(0, operation.at), Buffer.from(operation.base64, 'base64')]);
    }
  }
  return files;
}

/** The operations on names that reach the disk, by their place in the log. */
function arrivedNames(log: readonly Operation[], { names }: Persistence): ReadonlySet<number> {
  const arrived = new Set<number>();
  const waiting = new Map<string, number[]>();
  log.forEach((operation, i) => {
    const { kind, path } = operation;
    if (kind === 'sync-folder') {
      for (const each of waiting.get(path) ?? []) arrived.add(each);
      waiting.delete(path);
    } else if (kind !== 'sync' && kind !== 'write' && kind !== 'truncate') {
      const folder = dirname(path) === '.' ? '' : dirname(path);
      waiting.set(folder, [...(waiting.get(folder) ?? []), i]);
    }
  });
  for (const places of waiting.values()) {
    for (const each of places.slice(0, names(places.length))) arrived.add(each);
  }
  return arrived;
}

function rename(names: Map<string, FileId | null>, operation: Operation): void {
  const { kind, path } = operation;
  if (kind === 'mkdir') names.set(path, null);
  else if (kind === 'create') names.set(path, operation.file);
  else if (kind === 'unlink') names.delete(path);
  else if (kind === 'rename' || kind === 'link') {
    const file = names.get(path);
    if (file !== undefined) names.set(operation.to, file);
    if (kind === 'rename') names.delete(path);
  }
}
