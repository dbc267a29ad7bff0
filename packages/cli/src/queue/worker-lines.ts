import { formatDuration } from '../output/progress.js';
import { say } from '../output/say.js';
import type { JobRun } from './job-run.js';
import type { WorkerLog } from './queue-worker.js';
import { TroubleLines } from './trouble-lines.js';

const INTERVAL_MS = 10_000;

/** What a worker does, on stderr: a line when a job begins and ends, and every ten seconds one for each that runs. */
export class WorkerLines implements WorkerLog {
  readonly #begun = new Map<JobRun, number>();
  readonly #troubles: TroubleLines;

  constructor(private readonly write: (line: string) => void = say) {
    this.#troubles = new TroubleLines(write);
  }

  /** @returns how to end the lines of what runs */
  show(runs: () => readonly JobRun[]): () => void {
    const timer = setInterval(() => {
      for (const run of runs()) this.#progress(run);
    }, INTERVAL_MS);
    return () => {
      clearInterval(timer);
    };
  }

  readonly started = (run: JobRun): void => {
    this.#begun.set(run, performance.now());
    this.write(`began: ${run.job.data.task.name}`);
  };

  readonly ended = (run: JobRun, how: string): void => {
    this.write(`${how}: ${run.job.data.task.name} (${this.#duration(run)})`);
    this.#begun.delete(run);
  };

  readonly cannotRun = ({ message }: Error): void => {
    this.write(`warning: ${message} Jobs of that sweep are left to other workers; this one does the rest.`);
  };

  readonly trouble = (error: Error): void => {
    this.#troubles.tell(error);
  };

  /** The time left is that of the whole task, at the speed of this slice. */
  #progress(run: JobRun): void {
    const { name } = run.job.data.task;
    const { share, detail } = run.progress;
    const { share: from, at } = run.begin ?? { share, at: 0 };
    const left =
      share > from ? `${formatDuration(((performance.now() - at) * (1 - share)) / (share - from))} left` : '';
    this.write(
      ['', `${Math.floor(100 * share)} %`, name, detail, left].filter((part, i) => i === 0 || part !== '').join('  '),
    );
  }

  #duration(run: JobRun): string {
    return formatDuration(performance.now() - (this.#begun.get(run) ?? performance.now()));
  }
}
