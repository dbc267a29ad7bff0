import { statSync } from 'node:fs';
import { readTail, type TailPosition } from './metrics-tail.js';

/** New lines of a run's metrics, as an event carries them. */
export interface MetricsChunk {
  /** A JSON array of `MetricsLine`s in UTF-8; undefined where there are none. */
  readonly lines: Buffer | undefined;
  readonly position: TailPosition;
  /** See `TailRead`. */
  readonly restarted: boolean;
  readonly more: boolean;
}

interface Kept {
  readonly chunk: MetricsChunk;
  /** Of the file when it was read. What has more behind it stays as it is. */
  readonly size: number;
}

/** 64 KiB each: as many as pages that were opened at different times are apart. */
const KEPT_AT_MOST = 64;

/**
 * Reads metrics for many pages: what one was sent is kept for a while, for the others that follow the same run. Parsed and
 * serialised for each of them, the history of a run would cost its size in garbage as often as it is followed.
 */
export class MetricsChunks {
  readonly #kept = new Map<string, Kept>();

  /** The lines after `position`, see `readTail`; undefined where there is no file. */
  read(path: string, position: TailPosition | undefined): MetricsChunk | undefined {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true) return undefined;
    const { ino: inode, size, birthtimeMs } = found;
    const restarted = position !== undefined && (position.inode !== inode || position.offset > size);
    const offset = position === undefined || restarted ? 0 : position.offset;
    // An inode's number is given to another file once it is free.
    const key = `${path} ${inode} ${birthtimeMs} ${offset}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && (kept.chunk.more || kept.size === size)) return { ...kept.chunk, restarted };

    const read = readTail(path, position);
    if (read === undefined) return undefined;
    const { lines, ...rest } = read;
    const chunk = { ...rest, lines: lines.length === 0 ? undefined : Buffer.from(JSON.stringify(lines)) };
    if (read.position.inode === inode && size > offset) this.#keep(key, { chunk, size });
    return chunk;
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_AT_MOST && oldest !== undefined) this.#kept.delete(oldest);
  }
}
