import type { JobProgress } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobProgressReport, JobResult } from './job.js';
import type { TaskEvents, TaskQueue } from './queue-server.js';

/** What becomes of a job. */
export type JobEnd =
  | ({ readonly is: 'finished' } & JobResult)
  | { readonly is: 'failed'; readonly error: string }
  /** The server does not know it: it has lost its data, or has removed what finished long ago. */
  | { readonly is: 'missing' };

interface Watched {
  readonly onProgress: (progress: JobProgressReport) => void;
  readonly onEnd: (end: JobEnd) => void;
  /** A worker has it. */
  readonly onActive: (() => void) | undefined;
}

const INTERVAL_MS = 1000;
const ENDED = new Set(['completed', 'failed']);
/** Jobs looked up in each interval, of all that are watched. */
const LOOKED_UP = 50;

/**
 * Follows jobs by the server's events, and looks them up in turn as well: events are lost where a server restarts, and their number at
 * the server is limited.
 */
export class JobWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #closed = new AbortController();
  readonly #loop: Promise<void>;
  /** Jobs being looked up because of an event. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly queue: TaskQueue,
    private readonly events: TaskEvents,
    onTrouble: (error: Error) => void,
  ) {
    events.on('progress', ({ jobId, data }) => {
      this.#progress(jobId, data);
    });
    const lookUp = ({ jobId }: { readonly jobId: string }): void => {
      const underWay = this.#lookUp(jobId)
        .catch(onTrouble)
        .finally(() => this.#underWay.delete(underWay));
      this.#underWay.add(underWay);
    };
    events.on('active', ({ jobId }) => this.#watched.get(jobId)?.onActive?.());
    events.on('completed', lookUp);
    events.on('failed', lookUp);
    this.#loop = this.#run(onTrouble);
  }

  /** Follows a job that is in the queue. @returns its end */
  follow(id: string, onProgress: Watched['onProgress'], onActive?: Watched['onActive']): Promise<JobEnd> {
    return new Promise((onEnd) => {
      this.#watched.set(id, { onProgress, onEnd, onActive });
    });
  }

  /** Only the progress of a job. */
  listen(id: string, onProgress: Watched['onProgress'], onActive?: Watched['onActive']): void {
    this.#watched.set(id, { onProgress, onEnd: () => undefined, onActive });
  }

  forget(id: string): void {
    this.#watched.delete(id);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([this.#loop, ...this.#underWay]);
  }

  /** Keeps looking up jobs in the order in which they were last looked up. */
  async #run(onTrouble: (error: Error) => void): Promise<void> {
    const { signal } = this.#closed;
    const isClosed = (): boolean => signal.aborted;
    while (!isClosed()) {
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      for (const [id, watched] of [...this.#watched].slice(0, LOOKED_UP)) {
        if (isClosed()) return;
        try {
          await this.#lookUp(id);
          if (this.#watched.get(id) !== watched) continue;
          this.#watched.delete(id);
          this.#watched.set(id, watched);
        } catch (error) {
          onTrouble(error as Error);
          break;
        }
      }
    }
  }

  async #lookUp(id: string): Promise<void> {
    if (!this.#watched.has(id) || this.#closed.signal.aborted) return;
    const job = await this.queue.getJob(id);
    if (job === undefined) {
      this.#end(id, { is: 'missing' });
      return;
    }
    this.#progress(id, job.progress);
    const state = await job.getState();
    // Its event was lost, or it has been put back or has ended since.
    if (job.processedOn !== undefined) this.#watched.get(id)?.onActive?.();
    if (job.data.withdrawn === 'cancelled' && !ENDED.has(state) && state !== 'active') {
      await job.remove({ removeChildren: false });
      this.#end(id, { is: 'finished', type: 'cancelled', worker: '' });
      return;
    }
    if (!ENDED.has(state)) return;
    // It may have ended since it was fetched, and what it ended with came with the end.
    const ended = await this.queue.getJob(id);
    if (ended === undefined) this.#end(id, { is: 'missing' });
    else if (state === 'failed') this.#end(id, { is: 'failed', error: ended.failedReason });
    else this.#end(id, { is: 'finished', ...ended.returnvalue });
  }

  #progress(id: string, data: JobProgress | null): void {
    if (typeof data === 'object' && data !== null && 'share' in data)
      this.#watched.get(id)?.onProgress(data as JobProgressReport & object);
  }

  #end(id: string, end: JobEnd): void {
    const watched = this.#watched.get(id);
    this.#watched.delete(id);
    watched?.onEnd(end);
  }
}
