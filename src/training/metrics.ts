import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writeError, writeFileAtomic } from '../utils/atomic-file.js';
import type { MetricsLine } from './metrics-window.js';

/** `metrics.jsonl`: one JSON object per line, appended while training. */
export class MetricsFile {
  readonly #path: string;
  readonly #descriptor: number;

  /**
   * Opens the file for appending, after cutting off what a resumed run will write again: lines beyond `step`, and a last
   * line that a kill left unfinished.
   *
   * @throws WriteError when the file cannot be written
   */
  constructor(path: string, step: number) {
    this.#path = path;
    if (existsSync(path)) {
      const text = readFileSync(path, 'utf8');
      const kept = linesUpTo(text, step);
      if (kept !== text) writeFileAtomic(path, kept);
    }
    this.#descriptor = this.#guard(() => openSync(path, 'a'));
  }

  /** @throws WriteError (full disk) */
  append(line: MetricsLine): void {
    this.#guard(() => writeSync(this.#descriptor, `${JSON.stringify(line)}\n`));
  }

  /** Makes the lines so far survive a power failure. */
  flush(): void {
    this.#guard(() => {
      fsyncSync(this.#descriptor);
    });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #guard<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}

/** Reads the whole lines of a `metrics.jsonl`. */
export function readMetrics(path: string): MetricsLine[] {
  return wholeLines(readFileSync(path, 'utf8')).map((line) => JSON.parse(line) as MetricsLine);
}

function linesUpTo(text: string, step: number): string {
  return wholeLines(text)
    .filter((line) => (JSON.parse(line) as MetricsLine).step <= step)
    .map((line) => `${line}\n`)
    .join('');
}

/** The lines that end in a newline: what follows the last newline was cut short. */
function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
