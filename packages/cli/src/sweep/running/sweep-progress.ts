import { formatDuration, type ProgressStream } from '../../output/progress.js';
import type { Task, TaskEnd, TaskProgress } from './task.js';
import { printable } from '../../output/printable.js';

const TERMINAL_INTERVAL_MS = 200;
const PLAIN_INTERVAL_MS = 10_000;
/** Lines of running tasks on a terminal. */
const MOST_LINES = 16;
/** Without that much of the work done, the time left is a guess. */
const LEAST_SHARE = 0.002;

interface Running {
  readonly task: Task;
  progress: TaskProgress;
}

/**
 * The progress of a sweep on stderr. On a terminal a line for each running task and one for the whole, redrawn in place; elsewhere a
 * line when a task begins and ends, and one for the whole every ten seconds.
 */
export class SweepProgress {
  readonly #begin: number;
  readonly #total: number;
  readonly #before: number;
  readonly #running = new Map<string, Running>();
  #finished = 0;
  #ended = 0;
  #drawnAt = -Infinity;
  #lines = 0;

  /** @param tasks all that are to be run */
  constructor(
    private readonly tasks: readonly Task[],
    private readonly stream: ProgressStream = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#begin = now();
    this.#total = tasks.reduce((sum, { work }) => sum + work, 0);
    this.#before = tasks.reduce((sum, { work, begun }) => sum + work * begun, 0);
    if (!this.#isTerminal()) this.#drawnAt = this.#begin;
  }

  /** It waits for a worker. */
  queue(task: Task): void {
    if (!this.#isTerminal()) this.stream.write(printable(`queued: ${task.name}\n`));
  }

  /** @param word before its name, where that is told */
  start(task: Task, word = ''): void {
    this.#running.set(task.id, { task, progress: { share: task.begun, detail: '' } });
    const from = task.begun > 0 ? ` from ${Math.round(100 * task.begun)} %` : '';
    if (!this.#isTerminal()) this.stream.write(printable(`${word}${task.name}${from}\n`));
    this.#draw();
  }

  update(task: Task, progress: TaskProgress): void {
    const running = this.#running.get(task.id);
    if (running) running.progress = progress;
    this.#draw();
  }

  end(task: Task, how: TaskEnd): void {
    this.#running.delete(task.id);
    this.#ended++;
    // A failed task takes no more time either.
    if (how.type !== 'stopped') this.#finished += task.work;
    if (how.type === 'failed') this.log(`failed: ${task.name}: ${how.error}`);
    else if (!this.#isTerminal() && how.type === 'done') this.stream.write(printable(`done: ${task.name}\n`));
    this.#draw();
  }

  /** Prints a line above what is redrawn. */
  log(text: string): void {
    this.#clear();
    this.stream.write(`${printable(text)}\n`);
    this.#drawnAt = this.#isTerminal() ? -Infinity : this.#drawnAt;
  }

  /** Removes what is redrawn. */
  stop(): void {
    this.#clear();
  }

  /** The line of the whole: work done, tasks, work per second, time left. */
  #summary(): string {
    const running = [...this.#running.values()].reduce(
      (sum, { task, progress }) => sum + task.work * progress.share,
      0,
    );
    const done = this.#finished + running;
    const share = this.#total === 0 ? 1 : done / this.#total;
    const seconds = (this.now() - this.#begin) / 1000;
    const gained = Math.max(0, done - this.#before);
    const parts = [`${(100 * share).toFixed(1)} %`, `${this.#ended} of ${this.tasks.length} tasks`];
    if (seconds > 0 && gained > 0) parts.push(`${tera(gained / seconds)} TFLOP/s`);
    if (gained > LEAST_SHARE * this.#total) {
      parts.push(`${formatDuration((1000 * seconds * (this.#total - done)) / gained)} left`);
    }
    return parts.join('  ');
  }

  #draw(): void {
    const interval = this.#isTerminal() ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS;
    if (this.now() - this.#drawnAt < interval) return;
    this.#drawnAt = this.now();
    if (!this.#isTerminal()) {
      this.stream.write(`${this.#summary()}\n`);
      return;
    }
    const width = (this.stream.columns ?? 80) - 1;
    const lines = [...this.#running.values()].slice(0, MOST_LINES).map(({ task, progress }) => {
      const percent = `${Math.floor(100 * progress.share)} %`.padStart(5);
      return `  ${percent}  ${task.name}  ${progress.detail}`;
    });
    this.#clear();
    const shown = [...lines, this.#summary()].map((line) => printable(line).slice(0, width));
    this.stream.write(shown.join('\n'));
    this.#lines = shown.length;
  }

  #clear(): void {
    if (this.#lines === 0) return;
    const up = this.#lines > 1 ? `\x1b[${this.#lines - 1}A` : '';
    this.stream.write(`\r${up}\x1b[J`);
    this.#lines = 0;
  }

  #isTerminal(): boolean {
    return this.stream.isTTY === true;
  }
}

const tera = (flops: number): string => String(Number((flops / 1e12).toPrecision(2)));
