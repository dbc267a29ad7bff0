import { isPassing } from './until-reached.js';

/** Between two lines of the same trouble. */
const SILENCE_MS = 30_000;

/** Tells of lost connections and the like, once for each spell of them. */
export class TroubleLines {
  readonly #told = new Map<string, number>();

  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  tell(error: Error): void {
    const line = isPassing(error)
      ? 'The queue cannot be reached; work goes on as soon as it is back.'
      : `warning: queue: ${error.message}`;
    const last = this.#told.get(line) ?? -Infinity;
    this.#told.set(line, this.now());
    if (this.now() - last > SILENCE_MS) this.write(line);
  }
}
