import { type PassingTrouble, passingTrouble } from './until-reached.js';

const lines: Readonly<Record<PassingTrouble, string>> = {
  unreachable: 'The queue cannot be reached; work goes on as soon as it is back.',
  starting: 'The server of the queue is not ready yet; work goes on as soon as it is.',
  full:
    'The server of the queue has no space left (maxmemory of Redis, or its disk); give it more, or remove jobs. Work goes on as soon as it ' +
    'takes changes again.',
  'read-only':
    'The server of the queue takes no changes, as a replica; work goes on as soon as it is the primary. If that is another one, name its address.',
};

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
    const trouble = passingTrouble(error);
    const line = trouble === undefined ? `warning: queue: ${error.message}` : lines[trouble];
    const last = this.#told.get(line) ?? -Infinity;
    this.#told.set(line, this.now());
    if (this.now() - last > SILENCE_MS) this.write(line);
  }
}
