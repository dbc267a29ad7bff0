import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Executor, TaskRun } from '../sweep/running/executor.js';
import type { Task, TaskEnd } from '../sweep/running/task.js';
import { packageVersion } from '../version.js';
import { shardCount, shardEvaluation, shardsFolder } from './evaluation-shards.js';
import { type FolderReference, jobId, queueName } from './job.js';
import { type JobEnd, JobWatch } from './job-watch.js';
import { JobSubmission } from './job-submission.js';
import type { QueueServer, TaskEvents } from './queue-server.js';
import { ShareOfParts } from './share-of-parts.js';
import { referenceTo } from './shared-folder.js';
import { ServerGoneError, ServerPatience } from './server-patience.js';

const WITHDRAWAL_INTERVAL_MS = 500;
/** Of connections to a server that does not answer. */
const LONGEST_CLOSE_MS = 1000;

/** How a sweep's tasks go to a queue. */
export interface QueueOptions {
  /** The folder of the sweep. */
  readonly folder: string;
  /** Workers of this tag take the jobs. */
  readonly tag: string;
  /** Threads of each job; 0: as many as its worker gives. */
  readonly threads: number;
  /** Of the sweep, 1..1000; a lower one goes first. */
  readonly priority: number;
  /** How often a job is tried. */
  readonly attempts: number;
  /** Shards of an evaluation; undefined: by the number of its images. */
  readonly shards?: number | undefined;
  /** Told of lost connections, which come back. */
  readonly onTrouble: (error: Error) => void;
  /** Told at the end how many jobs could not be taken back, since the server was gone. */
  readonly onLeft: (jobs: number) => void;
}

/** A task's job at the server. */
interface SubmittedJob {
  readonly submit: () => Promise<void>;
  readonly withdraw: () => Promise<'removed' | 'runs'>;
  readonly watch: () => Promise<JobEnd>;
}

/**
 * Gives tasks to workers by a queue. A task is one job, whatever coordinator submits it: one that begins again finds the jobs of the one
 * before. An evaluation of many images is a flow, shards before their merge.
 */
export class QueueExecutor implements Executor {
  readonly slots = Infinity;
  readonly #folder: FolderReference;
  readonly #submission: JobSubmission;
  readonly #watch: JobWatch;
  readonly #patience: ServerPatience;
  /** Ids of jobs that perhaps are in the queue and were to be taken back. */
  readonly #left = new Set<string>();

  private constructor(
    private readonly options: QueueOptions,
    folder: FolderReference,
    submission: JobSubmission,
    private readonly events: TaskEvents,
    watch: JobWatch,
    hide: (message: string) => string,
  ) {
    this.#folder = folder;
    this.#submission = submission;
    this.#watch = watch;
    this.#patience = new ServerPatience(options.onTrouble, hide);
  }

  static async create(server: QueueServer, options: QueueOptions): Promise<QueueExecutor> {
    const { onTrouble, tag } = options;
    const name = queueName(tag, packageVersion());
    const folder = referenceTo(options.folder);
    const queue = server.queue(name, onTrouble);
    const events = server.events(name, onTrouble);
    await events.waitUntilReady();
    const submission = new JobSubmission(queue, server.flows(onTrouble), folder, options);
    const watch = new JobWatch(queue, events, onTrouble);
    return new QueueExecutor(options, folder, submission, events, watch, server.address.hide);
  }

  async run(task: Task, run: TaskRun): Promise<TaskEnd> {
    const { images } = task;
    const of = images === undefined ? 1 : shardCount(images, this.options.shards);
    const end = of === 1 ? await this.#single(task, run) : await this.#flow(task, of, run);
    if (end.type === 'done') run.onProgress({ share: 1, detail: '' });
    return end;
  }

  async close(): Promise<void> {
    if (this.#patience.isOver) {
      this.options.onLeft(this.#left.size);
      // What waits for the server may wait for ever.
      const closed = Promise.all([this.#submission.disconnect(), this.events.close(), this.#watch.close()]);
      await Promise.race([closed, delay(LONGEST_CLOSE_MS)]);
      return;
    }
    await this.#watch.close();
    await Promise.all([this.events.close(), this.#submission.close()]);
  }

  async #single(task: Task, { signal, onProgress, onBegin }: TaskRun): Promise<TaskEnd> {
    const id = jobId(this.#folder, task);
    let share = task.begun;
    return this.#untilEnded([id], signal, {
      submit: () => this.#submission.add(task),
      withdraw: () => this.#submission.withdraw(id),
      watch: () =>
        this.#watch.follow(
          id,
          (progress) => {
            share = Math.max(share, progress.share);
            onProgress({ ...progress, share });
          },
          onBegin,
        ),
    });
  }

  /** A merge that fails, e.g. because a shard was damaged, has all its shards looked at again: those that are whole are kept. */
  async #flow(task: Task, of: number, { signal, onProgress, onBegin }: TaskRun): Promise<TaskEnd> {
    const parts = shardEvaluation(task, of);
    const id = jobId(this.#folder, parts.merge);
    const children = parts.shards.map((shard) => jobId(this.#folder, shard));
    const share = new ShareOfParts(of, (at, detail) => {
      onProgress({ share: at, detail });
    });
    for (let attempt = 1; ; attempt++) {
      const end = await this.#untilEnded([id, ...children], signal, {
        submit: () => this.#submission.addFlow(parts),
        withdraw: () => this.#submission.withdraw(id, children),
        watch: () => {
          children.forEach((child, i) => {
            this.#watch.listen(
              child,
              (progress) => {
                share.update(i, progress);
              },
              onBegin,
            );
          });
          return this.#watch.follow(id, () => undefined);
        },
      });
      for (const child of children) this.#watch.forget(child);
      if (end.type === 'done')
        rmSync(join(this.options.folder, shardsFolder(task, of)), { recursive: true, force: true });
      if (end.type !== 'failed') return end;
      const failure = await this.#failureOf(children, signal);
      if (failure !== undefined) return { type: 'failed', error: failure };
      if (attempt >= this.options.attempts || signal.aborted) return end;
    }
  }

  /** @returns undefined also where the server is gone */
  async #failureOf(children: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    try {
      return await this.#patience.ask(() => this.#submission.failureOf(children), signal);
    } catch (error) {
      if (error instanceof ServerGoneError) return undefined;
      throw error;
    }
  }

  /** The end of a job; where the server is gone when it is to stop, the job stays in the queue. @param ids its own, and its children's */
  async #untilEnded(ids: readonly [string, ...string[]], signal: AbortSignal, job: SubmittedJob): Promise<TaskEnd> {
    try {
      return await this.#endOf(ids[0], signal, job);
    } catch (error) {
      if (!(error instanceof ServerGoneError)) throw error;
      for (const id of ids) {
        this.#watch.forget(id);
        this.#left.add(id);
      }
      return { type: 'stopped' };
    }
  }

  /** Submits a job, again where the server has lost it, and waits for its end. @throws ServerGoneError */
  async #endOf(id: string, signal: AbortSignal, job: SubmittedJob): Promise<TaskEnd> {
    const isAborted = (): boolean => signal.aborted;
    for (;;) {
      if (isAborted()) return { type: 'stopped' };
      await this.#patience.ask(job.submit, signal);
      const ended = job.watch();
      const end = await this.#endOrWithdrawal(ended, signal, job.withdraw);
      this.#watch.forget(id);
      if (end === 'removed' || (end.is === 'missing' && isAborted())) return { type: 'stopped' };
      if (end.is === 'missing') continue;
      if (end.is === 'failed') return { type: 'failed', error: end.error };
      if (end.type === 'cancelled') return { type: 'failed', error: 'It was cancelled (diffusion queue cancel).' };
      // It was withdrawn by a coordinator before this one.
      if (end.type === 'stopped' && !isAborted()) continue;
      return { type: end.type };
    }
  }

  /** Its end; once the signal is aborted the job is withdrawn first. */
  async #endOrWithdrawal(
    ended: Promise<JobEnd>,
    signal: AbortSignal,
    withdraw: () => Promise<'removed' | 'runs'>,
  ): Promise<JobEnd | 'removed'> {
    const { promise: aborted, forget } = abortOf(signal);
    const first = await Promise.race([ended, aborted]);
    forget();
    if (first !== undefined) return first;
    for (;;) {
      if ((await this.#patience.ask(withdraw, signal)) === 'removed') return 'removed';
      const end = await Promise.race([ended, delay(WITHDRAWAL_INTERVAL_MS, undefined)]);
      if (end !== undefined) return end;
    }
  }
}

/** @returns a promise of the moment when a signal is aborted, and how to let go of the signal */
function abortOf(signal: AbortSignal): { readonly promise: Promise<undefined>; readonly forget: () => void } {
  let onAbort = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    onAbort = () => {
      resolve(undefined);
    };
  });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  return {
    promise,
    forget: () => {
      signal.removeEventListener('abort', onAbort);
    },
  };
}
