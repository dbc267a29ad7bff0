import { DelayedError, type Job, type JobType, WaitingError } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { packageVersion } from '../version.js';
import type { Artifacts } from './artifacts.js';
import { checkJob } from './check-job.js';
import { type JobData, type JobResult, MOST_STALLS, queueName } from './job.js';
import { listJobs, UNFINISHED, WAITING } from './listed-jobs.js';
import { JobRun, type JobRunOptions, type JobServer, LostJobError } from './job-run.js';
import type { QueueServer, TaskQueue, TaskWorker } from './queue-server.js';
import { ServerPatience } from './server-patience.js';
import { StrangeJobs } from './strange-jobs.js';
import { untilReached } from './until-reached.js';
import { announceWorker, type WorkerPresence } from './worker-presence.js';

/** What a worker takes, and how. */
export interface QueueWorkerOptions extends Omit<JobRunOptions, 'worker'> {
  /** Kinds of jobs that it takes. */
  readonly tags: readonly string[];
  /** Jobs at once, of each tag. */
  readonly slots: number;
  /** A worker that does not renew its locks for so long has lost its jobs. */
  readonly lockMs: number;
  /**
   * Where the files of a job are.
   *
   * @throws UserError where this machine cannot run jobs of its sweep: they are left to others. Where there are no other jobs the worker ends
   */
  readonly artifactsOf: (data: JobData) => Artifacts;
  readonly log: WorkerLog;
}

/** Told what a worker does. */
export interface WorkerLog {
  readonly started: (run: JobRun) => void;
  readonly ended: (run: JobRun, how: string) => void;
  /** Once for each sweep whose jobs this machine cannot run. */
  readonly cannotRun: (reason: Error) => void;
  /** Lost connections and the like, which pass. */
  readonly trouble: (error: Error) => void;
}

/** Jobs that are looked at for one that this machine can run, of each state. */
const LOOKED_AT = 100;
/** Between two looks whether the server still answers, while the worker stops. */
const PING_MS = 500;

/** Takes jobs from a queue and runs each as a child process, so that this one is always free to renew its locks. */
export class QueueWorker {
  readonly #runs = new Map<string, JobRun>();
  readonly #workers: readonly TaskWorker[];
  readonly #queues: readonly TaskQueue[];
  readonly #presence: WorkerPresence;
  readonly #strange: readonly StrangeJobs[];
  /** Ids of the folders of sweeps whose jobs this machine cannot run. */
  readonly #told = new Set<string>();
  #hasRun = false;
  #failure: Error | undefined;
  #isDraining = false;

  constructor(
    private readonly server: QueueServer,
    private readonly options: QueueWorkerOptions,
  ) {
    const { tags, slots, lockMs, log } = options;
    const version = packageVersion();
    this.#presence = announceWorker(server, { version, tags, slots }, log.trouble);
    const names = tags.map((tag) => queueName(tag, version));
    this.#queues = names.map((name) => server.queue(name, log.trouble));
    this.#workers = names.map((name, i) => {
      const process = (job: Job<JobData, JobResult>, token = ''): Promise<JobResult> => this.#process(job, token, i);
      const settings = {
        ...{ name: this.#presence.name, concurrency: slots, lockDuration: lockMs, stalledInterval: lockMs },
        maxStalledCount: MOST_STALLS,
      };
      return server.worker(name, process, settings, this.#trouble).on('lockRenewalFailed', (ids) => {
        for (const id of ids) this.#runs.get(id)?.kill();
      });
    });
    this.#strange = this.#workers.map((worker) => new StrangeJobs(worker));
  }

  /** What runs now. */
  get runs(): readonly JobRun[] {
    return [...this.#runs.values()];
  }

  get name(): string {
    return this.#presence.name;
  }

  /**
   * Works until it is told to stop; then what runs is put back into the queue, trainings with a checkpoint.
   *
   * @returns false where the server was gone by then: jobs go back when their locks run out, and connections stay open
   * @throws UserError of `artifactsOf`
   */
  async work(signal: AbortSignal): Promise<boolean> {
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
    for (const strange of this.#strange) strange.end();
    const closed = this.#workers.map((worker) => worker.close());
    for (const run of this.#runs.values()) run.stop();
    const closing = Promise.all(closed).then(() =>
      Promise.all([this.#presence.close(), ...this.#queues.map((queue) => queue.close())]),
    );
    const isClosed = await Promise.race([closing.then(() => true), this.#untilServerGone().then(() => false)]);
    if (this.#failure !== undefined) throw this.#failure;
    return isClosed;
  }

  /** Until the server has not answered for some seconds, and no child runs any more. */
  async #untilServerGone(): Promise<void> {
    const patience = new ServerPatience(this.#trouble, this.server.address.hide);
    const queue = this.#queues[0] as TaskQueue;
    try {
      for (;;) {
        await patience.ask(() => queue.getJobCountByTypes('active'), AbortSignal.abort());
        await delay(PING_MS);
      }
    } catch {
      while (this.runs.some((run) => run.isComputing)) await delay(PING_MS);
    }
  }

  #stopped = (): void => undefined;

  async #process(job: Job<JobData, JobResult>, token: string, tag: number): Promise<JobResult> {
    const { options } = this;
    const queue = this.#queues[tag] as TaskQueue;
    const strange = this.#strange[tag] as StrangeJobs;
    const server: JobServer = {
      look: (id) => queue.getJob(id),
      renew: async (held, own) => (await untilReached(() => held.extendLock(own, options.lockMs), this.#trouble)) === 1,
      onTrouble: this.#trouble,
    };
    checkJob(job.data);
    const run = new JobRun(job, token, server, { ...options, worker: this.name });
    let artifacts: Artifacts;
    try {
      artifacts = options.artifactsOf(job.data);
    } catch (error) {
      if (!this.#hasRun && !(await this.#canRunAny(queue, UNFINISHED))) {
        return await this.#giveUp(error as Error, job, token);
      }
      return await this.#passOn(error as Error, job, token, queue, strange);
    }
    this.#hasRun = true;
    strange.forget();
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
    this.#failure ??= error;
    this.#stopped();
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** The job is for other machines, this worker for other jobs. */
  async #passOn(
    error: Error,
    job: Job<JobData, JobResult>,
    token: string,
    queue: TaskQueue,
    strange: StrangeJobs,
  ): Promise<never> {
    const { id } = job.data.folder;
    if (!this.#told.has(id)) this.options.log.cannotRun(error);
    this.#told.add(id);
    const { isKnown, delayMs } = strange.meet(job.id ?? '');
    const isIdle =
      isKnown && (await queue.getJobCountByTypes(...WAITING)) <= LOOKED_AT && !(await this.#canRunAny(queue, WAITING));
    await job.moveToDelayed(Date.now() + delayMs, token);
    if (isIdle) strange.rest();
    throw new DelayedError();
  }

  /** Whether one of the first jobs in some states can be run by this machine. */
  async #canRunAny(queue: TaskQueue, states: readonly JobType[]): Promise<boolean> {
    const jobs = await listJobs(queue, states, LOOKED_AT);
    return jobs.some(({ job }) => {
      try {
        checkJob(job?.data);
        if (job !== undefined) this.options.artifactsOf(job.data);
        return true;
      } catch {
        return false;
      }
    });
  }

  readonly #trouble = (error: Error): void => {
    this.options.log.trouble(error);
  };
}
