import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { isWatched, type MetricsLine, type WatchedLine } from 'ts-diffusion/train';

/** Up to where a `metrics.jsonl` was read: a new inode means that the file was written anew. */
export interface TailPosition {
  readonly inode: number;
  readonly offset: number;
}

export interface TailRead {
  readonly lines: readonly (MetricsLine | WatchedLine)[];
  readonly position: TailPosition;
  /** `position` no longer fits the file: `lines` are from its beginning. */
  readonly restarted: boolean;
  /** There is more to read at once. */
  readonly more: boolean;
}

const CHUNK_BYTES = 64 * 1024;
/** Reading is synchronous: one buffer serves all reads, and none waits for the garbage collector. */
const buffer = Buffer.alloc(CHUNK_BYTES);
const NEWLINE = 10;

/** Reads the whole lines that were added since `position`, at most 64 KiB of them; undefined where there is no file. */
export function readTail(path: string, position?: TailPosition): TailRead | undefined {
  const opened = openFile(path);
  if (opened === undefined) return undefined;
  const { file, inode: ino, size } = opened;
  try {
    const restarted = position !== undefined && (position.inode !== ino || position.offset > size);
    const begin = position === undefined || restarted ? 0 : position.offset;
    const read = readSync(file, buffer, 0, Math.min(CHUNK_BYTES, size - begin), begin);
    const bytes = buffer.subarray(0, read);
    const whole = bytes.lastIndexOf(NEWLINE) + 1;
    return {
      lines: bytes.toString('utf8', 0, whole).split('\n').slice(0, -1).flatMap(parseLine),
      position: { inode: ino, offset: begin + whole },
      restarted,
      more: whole > 0 && begin + read < size,
    };
  } finally {
    closeSync(file);
  }
}

/** The last whole line on training steps, read from the end of the file. */
export function lastLine(path: string): MetricsLine | undefined {
  const opened = openFile(path);
  if (opened === undefined) return undefined;
  const { file, size } = opened;
  try {
    const bytes = Buffer.alloc(Math.min(4096, size));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .flatMap(parseLine)
      .findLast((line): line is MetricsLine => line.loss !== undefined);
  } finally {
    closeSync(file);
  }
}

/** Undefined where there is nothing, or something that is no file: opening a pipe would wait for ever. */
function openFile(path: string): { readonly file: number; readonly inode: number; readonly size: number } | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    const file = openSync(path, 'r');
    const { ino: inode, size } = fstatSync(file);
    return { file, inode, size };
  } catch {
    return undefined;
  }
}

/** A line that is no metrics (the first of a read from the middle, one that a full disk cut short) is passed over. */
function parseLine(line: string): (MetricsLine | WatchedLine)[] {
  try {
    const value = JSON.parse(line) as Partial<MetricsLine> | Partial<WatchedLine> | null;
    if (value === null || !Number.isInteger(value.step)) return [];
    const known = value as MetricsLine | WatchedLine;
    return typeof known.loss === 'number' || isWatched(known) ? [known] : [];
  } catch {
    return [];
  }
}
