import type { Job } from 'bullmq';
import { packageVersion } from '../version.js';
import type { Artifacts } from './artifacts.js';
import { checkJob } from './check-job.js';
import { type JobData, type JobResult, MOST_STALLS, queueName } from './job.js';
import { JobRun, type JobRunOptions, type JobServer, LostJobError } from './job-run.js';
import type { QueueServer, TaskQueue, TaskWorker } from './queue-server.js';
import { announceWorker, type WorkerPresence } from './worker-presence.js';

/** What a worker takes, and how. */
export interface QueueWorkerOptions extends Omit<JobRunOptions, 'worker'> {
  /** Kinds of jobs that it takes. */
  readonly tags: readonly string[];
  /** Jobs at once, of each tag. */
  readonly slots: number;
  /** A worker that does not renew its locks for so long has lost its jobs. */
  readonly lockMs: number;
  /** Where the files of a job are. @throws UserError where this machine cannot run jobs of its sweep: the worker then ends */
  readonly artifactsOf: (data: JobData) => Artifacts;
  readonly log: WorkerLog;
}

/** Told what a worker does. */
export interface WorkerLog {
  readonly started: (run: JobRun) => void;
  readonly ended: (run: JobRun, how: string) => void;
  /** Lost connections and the like, which pass. */
  readonly trouble: (error: Error) => void;
}

/** Takes jobs from a queue and runs each as a child process, so that this one is always free to renew its locks. */
export class QueueWorker {
  readonly #runs = new Map<string, JobRun>();
  readonly #workers: readonly TaskWorker[];
  readonly #queues: readonly TaskQueue[];
  readonly #presence: WorkerPresence;
  #failure: Error | undefined;
  #isDraining = false;

  constructor(
    server: QueueServer,
    private readonly options: QueueWorkerOptions,
  ) {
    const { tags, slots, lockMs, log } = options;
    const version = packageVersion();
    this.#presence = announceWorker(server, { version, tags, slots }, log.trouble);
    const names = tags.map((tag) => queueName(tag, version));
    this.#queues = names.map((name) => server.queue(name, log.trouble));
    this.#workers = names.map((name, i) => {
      const process = (job: Job<JobData, JobResult>, token = ''): Promise<JobResult> =>
        this.#process(job, token, this.#queues[i] as TaskQueue);
      const settings = {
        ...{ name: this.#presence.name, concurrency: slots, lockDuration: lockMs, stalledInterval: lockMs },
        maxStalledCount: MOST_STALLS,
      };
      return server.worker(name, process, settings, this.#trouble).on('lockRenewalFailed', (ids) => {
        for (const id of ids) this.#runs.get(id)?.kill();
      });
    });
  }

  /** What runs now. */
  get runs(): readonly JobRun[] {
    return [...this.#runs.values()];
  }

  get name(): string {
    return this.#presence.name;
  }

  /** Works until it is told to stop; then what runs is put back into the queue, trainings with a checkpoint. @throws UserError of `artifactsOf` */
  async work(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.waitUntilReady()));
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      if (signal.aborted || this.#failure !== undefined) resolve();
      else
        signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
    });
    this.#isDraining = true;
    const closed = this.#workers.map((worker) => worker.close());
    for (const run of this.#runs.values()) run.stop();
    await Promise.all(closed);
    await Promise.all([this.#presence.close(), ...this.#queues.map((queue) => queue.close())]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #stopped = (): void => undefined;

  async #process(job: Job<JobData, JobResult>, token: string, queue: TaskQueue): Promise<JobResult> {
    const { options } = this;
    const server: JobServer = {
      look: (id) => queue.getJob(id),
      renew: async (held, own) => (await held.extendLock(own, options.lockMs)) === 1,
      onTrouble: this.#trouble,
    };
    checkJob(job.data);
    const run = new JobRun(job, token, server, { ...options, worker: this.name });
    let artifacts: Artifacts;
    try {
      artifacts = options.artifactsOf(job.data);
    } catch (error) {
      return await this.#giveUp(error as Error, job, token);
    }
    this.#runs.set(job.id ?? '', run);
    // It was on its way here when the drain began.
    if (this.#isDraining) run.stop();
    options.log.started(run);
    try {
      const result = await run.run(artifacts);
      options.log.ended(run, result.type);
      return result;
    } catch (error) {
      const { name, message } = error as Error;
      options.log.ended(
        run,
        name === 'WaitingError' ? 'put back' : error instanceof LostJobError ? 'lost' : `failed: ${message}`,
      );
      throw error;
    } finally {
      this.#runs.delete(job.id ?? '');
    }
  }

  /** The job is for other machines, and this worker, which would take it again, ends. */
  async #giveUp(error: Error, job: Job<JobData, JobResult>, token: string): Promise<never> {
    const { WaitingError } = await import('bullmq');
    this.#failure ??= error;
    this.#stopped();
    await job.moveToWait(token);
    throw new WaitingError();
  }

  readonly #trouble = (error: Error): void => {
    this.options.log.trouble(error);
  };
}
