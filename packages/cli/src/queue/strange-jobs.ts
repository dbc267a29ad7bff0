import type { TaskWorker } from './queue-server.js';

const LEAST_DELAY_MS = 2000;
const DELAY_OF_EACH_MS = 100;
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 30_000;

/**
 * How a worker deals with jobs that its machine cannot run. A job that is put back comes before the worker's own jobs again once its
 * delay is over, so that the delay grows with the number of such jobs: the worker is through with them before the first comes back.
 * A worker that meets one again, and has nothing else to do, rests, each time twice as long: many idle workers of one sweep would
 * otherwise keep a job from the few that can run it.
 */
export class StrangeJobs {
  readonly #met = new Set<string>();
  #rest = FIRST_REST_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly worker: TaskWorker) {}

  /** @returns whether the worker has met this job since its last own one, and after what time others are to be offered it */
  meet(id: string): { readonly isKnown: boolean; readonly delayMs: number } {
    const isKnown = this.#met.has(id);
    this.#met.add(id);
    return { isKnown, delayMs: LEAST_DELAY_MS + DELAY_OF_EACH_MS * (this.#met.size - 1) };
  }

  /** Takes no job for a while. What runs goes on. */
  rest(): void {
    if (this.#timer !== undefined) return;
    void this.worker.pause(true);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.worker.resume();
    }, this.#rest);
    this.#rest = Math.min(LONGEST_REST_MS, 2 * this.#rest);
  }

  /** The worker has a job that it can run. */
  forget(): void {
    this.#met.clear();
    this.#rest = FIRST_REST_MS;
  }

  /** No rest any more: the worker is about to close. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
