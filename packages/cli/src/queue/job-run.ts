import { type Job, WaitingError } from 'bullmq';
import { join } from 'node:path';
import { ChildExecutor } from '../sweep/running/child-executor.js';
import { StaleWriterError } from '../store/artifact-store.js';
import type { Task, TaskProgress } from '../sweep/running/task.js';
import type { Artifacts } from './artifacts.js';
import type { JobData, JobResult, Withdrawal } from './job.js';
import { takeFolder } from './take-folder.js';
import { untilReached } from './until-reached.js';

/** How a worker runs jobs. */
export interface JobRunOptions {
  /** Of this worker, for people. */
  readonly worker: string;
  /** The command line's `main.js`. */
  readonly program: string;
  /** Threads of a job that does not say. */
  readonly threads: number;
  /** After so long, and some progress, a training writes a checkpoint, and others have a chance. */
  readonly sliceMs: number;
  /** Between two looks at the queue: progress there, withdrawal from there. */
  readonly pulseMs: number;
  /** How long a child of a lost worker has to end, where it still trains in the folder. */
  readonly patienceMs: number;
}

/** Where a slice began. */
export interface SliceBegin {
  readonly share: number;
  /** `performance.now()` */
  readonly at: number;
}

/** What a run needs from the queue. */
export interface JobServer {
  /** The job as it is there now. */
  readonly look: (id: string) => Promise<Job<JobData, JobResult> | undefined>;
  /** Whether a lock still is this worker's; then it is for its full time from now. */
  readonly renew: (job: Job<JobData, JobResult>, token: string) => Promise<boolean>;
  readonly onTrouble: (error: Error) => void;
}

/** Thrown where another worker has the job by now: nothing of it may be written. */
export class LostJobError extends Error {
  override readonly name = 'LostJobError';

  constructor(name: string) {
    super(`${name}: this worker was away for longer than its lock, and another one has the job.`);
  }
}

/** One slice of a job: a child process that runs until the task ends, or until it is to stop. */
export class JobRun {
  readonly #stop = new AbortController();
  readonly #killed = new AbortController();
  #withdrawn: Withdrawal | undefined;
  #progress: TaskProgress;
  #told: TaskProgress;
  #first: SliceBegin | undefined;
  #pulsing = false;
  #isComputing = false;

  constructor(
    readonly job: Job<JobData, JobResult>,
    private readonly token: string,
    private readonly server: JobServer,
    private readonly options: JobRunOptions,
  ) {
    this.#progress = { share: job.data.task.begun, detail: '' };
    this.#told = this.#progress;
  }

  get progress(): TaskProgress {
    return this.#progress;
  }

  /** Whether a child runs, or its results are being published: not while only the queue is waited for. */
  get isComputing(): boolean {
    return this.#isComputing;
  }

  /** How far the task was when this slice began to compute; undefined before. */
  get begin(): SliceBegin | undefined {
    return this.#first;
  }

  /** The job goes back to the queue, a training with a checkpoint. */
  stop(): void {
    this.#stop.abort();
  }

  /** The lock is lost: the child ends before it writes again. */
  kill(): void {
    this.#killed.abort();
    this.#stop.abort();
  }

  /**
   * Runs the job for a slice.
   *
   * @throws WaitingError when it was put back into the queue, LostJobError, and Error with the sentence of a command that failed
   */
  async run(artifacts: Artifacts): Promise<JobResult> {
    const { job, options } = this;
    const { task, threads = options.threads, withdrawn } = job.data;
    const { worker } = options;
    if (withdrawn !== undefined) return { type: withdrawn, worker };
    if (this.#stop.signal.aborted) return await this.#ended(worker);
    const pulse = setInterval(() => void this.#pulse(), options.pulseMs);
    try {
      const folder = await artifacts.prepare(task, () => this.#confirm());
      const lock = await takeFolder(join(folder, task.output), options.patienceMs, this.#stop.signal);
      const executor = new ChildExecutor({
        ...{ folder, slots: 1, threads, program: options.program, takeOver: true, replaces: lock },
        killed: this.#killed.signal,
      });
      const end = await this.#computing(() =>
        executor.run(task, {
          signal: this.#stop.signal,
          onProgress: (progress) => {
            this.#update(progress);
          },
        }),
      );
      if (this.#killed.signal.aborted) throw new LostJobError(task.name);
      if (end.type === 'failed') throw new Error(end.error);
      const isPublished = await this.#publish(artifacts, task, end.type === 'done');
      return end.type === 'done' && isPublished ? { type: 'done', worker } : await this.#ended(worker);
    } finally {
      clearInterval(pulse);
    }
  }

  /** @throws LostJobError where another worker has the job by now */
  async #confirm(): Promise<void> {
    if (!(await this.server.renew(this.job, this.token))) throw new LostJobError(this.job.data.task.name);
  }

  /** @returns false where a worker that had lost the job took its place in the store a moment later: the job is to be done again */
  async #publish(artifacts: Artifacts, task: Task, isDone: boolean): Promise<boolean> {
    await this.#confirm();
    try {
      await this.#computing(() => artifacts.publish(task, isDone));
      return true;
    } catch (error) {
      if (!(error instanceof StaleWriterError)) throw error;
      await this.#confirm();
      return false;
    }
  }

  async #computing<T>(work: () => Promise<T>): Promise<T> {
    this.#isComputing = true;
    try {
      return await work();
    } finally {
      this.#isComputing = false;
    }
  }

  /** A slice without progress, of a machine on which a process takes minutes to begin, would be followed by many like it. */
  #update(progress: TaskProgress): void {
    this.#progress = progress;
    this.#first ??= { share: progress.share, at: performance.now() };
    const { share, at } = this.#first;
    const isOver = performance.now() - at > this.options.sliceMs && progress.share > share;
    if (isOver && this.job.data.task.command[0] === 'train') this.stop();
  }

  /** Withdrawn jobs end; others are put back, before what waits with the same priority. */
  async #ended(worker: string): Promise<JobResult> {
    if (this.#withdrawn !== undefined) return { type: this.#withdrawn, worker };
    await untilReached(() => this.job.moveToWait(this.token), this.server.onTrouble);
    throw new WaitingError();
  }

  async #pulse(): Promise<void> {
    if (this.#pulsing) return;
    this.#pulsing = true;
    try {
      const { job } = this;
      if (this.#progress !== this.#told) {
        this.#told = this.#progress;
        await job.updateProgress({ ...this.#progress });
      }
      const withdrawn = (await this.server.look(job.id ?? ''))?.data.withdrawn;
      if (withdrawn === undefined) return;
      this.#withdrawn = withdrawn;
      this.stop();
    } catch (error) {
      this.server.onTrouble(error as Error);
    } finally {
      this.#pulsing = false;
    }
  }
}
