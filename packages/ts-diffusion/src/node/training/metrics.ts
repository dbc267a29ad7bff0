import { closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { parseJson } from '../../formats/parse-json.js';
import { DataError, DisposedError } from '../../utils/errors.js';
import { writeError, writeFileAtomic } from '../files/atomic-file.js';
import { writeFully } from '../files/write-fully.js';
import { isWatched, type MetricsLine, type WatchedLine } from '../../training/metrics-window.js';
import { callback, count, signature, text } from '../../utils/arguments.js';

const metricsArguments = signature('new MetricsFile', { path: text, step: count, verify: callback });

/** `metrics.jsonl`: one JSON object per line, appended while training. */
export class MetricsFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #verify: () => void;
  /** The step of the last line on watched weights that was kept or added. */
  #watchedStep: number | undefined;
  /** The lines that were there and stay. */
  readonly kept: readonly (MetricsLine | WatchedLine)[];
  #closed = false;

  /**
   * Opens the file for appending, after taking out what a resumed run will write again, lines beyond `step`, and what a
   * kill left damaged.
   *
   * @param verify called before each write; throws where the file is another process's now
   * @throws WriteError when the file cannot be written
   */
  constructor(path: string, step: number, verify: () => void = () => undefined) {
    metricsArguments({ path, step, verify });
    this.#path = path;
    this.#verify = verify;
    verify();
    this.kept = existsSync(path) ? readLines(path).filter((line) => line.step <= step) : [];
    this.#watchedStep = this.kept.findLast(isWatched)?.step;
    if (existsSync(path)) {
      const text = this.kept.map((line) => `${JSON.stringify(line)}\n`).join('');
      if (text !== readFileSync(path, 'utf8')) writeFileAtomic(path, text);
    }
    this.#descriptor = this.#guard(() => openSync(path, 'a'));
  }

  /** The step of the last `WatchedLine`; undefined: there is none. */
  get watchedStep(): number | undefined {
    return this.#watchedStep;
  }

  /** @throws WriteError (full disk), DisposedError after `close` */
  append(line: MetricsLine | WatchedLine): void {
    this.#refuseIfClosed();
    this.#verify();
    if (isWatched(line)) this.#watchedStep = line.step;
    this.#guard(() => {
      writeFully(this.#descriptor, Buffer.from(`${JSON.stringify(line)}\n`));
    });
  }

  /** Makes the lines so far survive a power failure. */
  flush(): void {
    this.#refuseIfClosed();
    this.#guard(() => {
      fsyncSync(this.#descriptor);
    });
  }

  /** Closes the file; nothing is added after that. Closing twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw DisposedError.of(this.#path, 'open it again');
  }

  #guard<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}

const readMetricsArguments = signature('readMetrics', { path: text });

const readWatchedArguments = signature('readWatched', { path: text });

/**
 * The lines of a `metrics.jsonl` on steps, but for those that a kill or a full disk left damaged.
 *
 * @throws DataError where the file is missing or cannot be read
 */
export function readMetrics(path: string): MetricsLine[] {
  readMetricsArguments({ path });
  return readLines(path).filter((line): line is MetricsLine => !isWatched(line));
}

/**
 * The lines of a `metrics.jsonl` on weights that were watched: validation losses and scores.
 *
 * @throws DataError where the file is missing or cannot be read
 */
export function readWatched(path: string): WatchedLine[] {
  readWatchedArguments({ path });
  return readLines(path).filter(isWatched);
}

function readLines(path: string): (MetricsLine | WatchedLine)[] {
  const lines = readText(path).split('\n');
  return lines.flatMap((line) => {
    try {
      const value = parseJson(line) as MetricsLine | WatchedLine | null;
      return typeof value?.step === 'number' ? [value] : [];
    } catch {
      return [];
    }
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DataError(
      `${path}: the metrics cannot be read (${(error as Error).message}); give the metrics.jsonl of a run.`,
      {
        cause: error,
      },
    );
  }
}
