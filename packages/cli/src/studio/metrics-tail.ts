import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { MetricsLine } from 'ts-diffusion/train';

/** Up to where a `metrics.jsonl` was read: a new inode means that the file was written anew. */
export interface TailPosition {
  readonly inode: number;
  readonly offset: number;
}

export interface TailRead {
  readonly lines: readonly MetricsLine[];
  readonly position: TailPosition;
  /** `position` no longer fits the file: `lines` are from its beginning. */
  readonly restarted: boolean;
  /** There is more to read at once. */
  readonly more: boolean;
}

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** Reads the whole lines that were added since `position`, at most 256 KiB of them; undefined where there is no file. */
export function readTail(path: string, position?: TailPosition): TailRead | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { ino, size } = fstatSync(file);
    const restarted = position !== undefined && (position.inode !== ino || position.offset > size);
    const begin = position === undefined || restarted ? 0 : position.offset;
    const bytes = Buffer.alloc(Math.min(CHUNK_BYTES, size - begin));
    const read = readSync(file, bytes, 0, bytes.length, begin);
    const whole = bytes.lastIndexOf(NEWLINE, read - 1) + 1;
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

/** The last whole line, read from the end of the file. */
export function lastLine(path: string): MetricsLine | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(4096, size));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8').split('\n').slice(0, -1).flatMap(parseLine).at(-1);
  } finally {
    closeSync(file);
  }
}

/** A line that is not JSON (the first of a read from the middle, or one a full disk cut short) is passed over. */
function parseLine(line: string): MetricsLine[] {
  try {
    return [JSON.parse(line) as MetricsLine];
  } catch {
    return [];
  }
}
