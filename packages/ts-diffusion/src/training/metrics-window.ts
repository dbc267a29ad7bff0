import { record, signature } from '../utils/arguments.js';

/** One line of `metrics.jsonl`. */
export interface MetricsLine {
  readonly step: number;
  /** Mean over the steps since the line before. */
  readonly loss: number;
  readonly learningRate: number;
  readonly emaDecay: number;
  /** Mean wall time of a step since the line before. */
  readonly msPerStep: number;
  readonly imagesPerSecond: number;
}

/** A line of `metrics.jsonl` that follows the `MetricsLine` of its step where the averaged weights were looked at. */
export interface WatchedLine {
  readonly step: number;
  /** That of training is in the line before. */
  readonly loss?: undefined;
  /** Their loss on the validation images. */
  readonly validationLoss?: number;
  /** The scores of a small evaluation, by their names in receipts. */
  readonly scores?: Readonly<Record<string, number>>;
}

const isWatchedArguments = signature('isWatched', { line: record });

/** Whether a line of `metrics.jsonl` is on watched weights. */
export function isWatched(line: MetricsLine | WatchedLine): line is WatchedLine {
  isWatchedArguments({ line });
  return 'validationLoss' in line || 'scores' in line;
}

/** Collects the steps between two lines. */
export class MetricsWindow {
  readonly #batchSize: number;
  #steps = 0;
  #loss = 0;
  #milliseconds = 0;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  add(loss: number, milliseconds: number): void {
    this.#steps++;
    this.#loss += loss;
    this.#milliseconds += milliseconds;
  }

  /** Whether no step was added since the last line. */
  get isEmpty(): boolean {
    return this.#steps === 0;
  }

  /** The line over the steps added since the last line, of which there must be one; `last` is the last of them. */
  line({ step, learningRate, emaDecay }: Pick<MetricsLine, 'step' | 'learningRate' | 'emaDecay'>): MetricsLine {
    const msPerStep = this.#milliseconds / this.#steps;
    const loss = this.#loss / this.#steps;
    this.#steps = this.#loss = this.#milliseconds = 0;
    return { step, loss, learningRate, emaDecay, msPerStep, imagesPerSecond: (1000 * this.#batchSize) / msPerStep };
  }
}
