import { REPORT_INTERVAL_MS, reportToParent } from './parent.js';
import { printable } from './printable.js';

/** Where progress is drawn: a terminal is redrawn in place, anything else gets a line now and then. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'write'> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

const BAR_WIDTH = 24;
const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;
/** The weight of the past in the speed that the remaining time is computed from, per update. */
const SPEED_SMOOTHING = 0.95;

/**
 * A progress bar on stderr: `[=====>    ] 42/100  what the caller says  0:31 left`. On a terminal one line that is redrawn,
 * elsewhere (a log file, CI) one line every ten seconds.
 */
export class ProgressBar {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  readonly #phase: string;
  #drawnAt: number;
  #reportedAt = -Infinity;
  #updated: { done: number; at: number } | undefined;
  #msPerUnit: number | undefined;
  #line = '';
  #onScreen = false;

  /** @param phase what is being done, for a parent process that listens */
  constructor(stream: ProgressStream = process.stderr, now: () => number = () => performance.now(), phase = '') {
    this.#stream = stream;
    this.#now = now;
    this.#phase = phase;
    this.#drawnAt = this.#interval() === PLAIN_INTERVAL_MS ? now() : -Infinity;
  }

  /**
   * Reports progress; draws only as often as is useful.
   *
   * @param done of `total` units of work, e.g. steps
   * @param detail what else to show, e.g. the loss
   */
  update(done: number, total: number, detail = ''): void {
    const now = this.#now();
    this.#measureSpeed(done, now);
    if (now - this.#reportedAt >= REPORT_INTERVAL_MS || done >= total) {
      this.#reportedAt = now;
      reportToParent({ phase: this.#phase, done, total, detail });
    }
    const left = this.#msPerUnit === undefined ? '' : `${formatDuration((total - done) * this.#msPerUnit)} left`;
    this.#line = [`${bar(done / total)} ${done}/${total}`, printable(detail), left]
      .filter((part) => part !== '')
      .join('  ');
    if (now - this.#drawnAt < this.#interval() && done < total) return;
    this.#drawnAt = now;
    this.#draw();
  }

  /** Prints a line of text above the bar. */
  log(text: string): void {
    this.#clear();
    this.#stream.write(`${printable(text)}\n`);
    if (this.#isTerminal() && this.#line !== '') this.#draw();
  }

  /** Removes the bar. */
  stop(): void {
    this.#clear();
    this.#line = '';
  }

  #measureSpeed(done: number, now: number): void {
    const last = this.#updated;
    this.#updated = { done, at: now };
    if (last === undefined || done <= last.done) return;
    const current = (now - last.at) / (done - last.done);
    const past = this.#msPerUnit ?? current;
    this.#msPerUnit = SPEED_SMOOTHING * past + (1 - SPEED_SMOOTHING) * current;
  }

  #draw(): void {
    if (this.#isTerminal()) {
      // Longer than the terminal is wide, it would wrap and could not be redrawn in place.
      this.#stream.write(`\r\x1b[2K${this.#line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#onScreen = true;
    } else {
      this.#stream.write(`${this.#line}\n`);
    }
  }

  #clear(): void {
    if (this.#onScreen) this.#stream.write('\r\x1b[2K');
    this.#onScreen = false;
  }

  #isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  #interval(): number {
    return this.#isTerminal() ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  }
}

function bar(fraction: number): string {
  const filled = Math.round(Math.min(Math.max(fraction, 0), 1) * BAR_WIDTH);
  return `[${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
}

/** Milliseconds as m:ss, or h:mm:ss from an hour on. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
