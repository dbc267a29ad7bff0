import type { FlowJob, Job, JobsOptions } from 'bullmq';
import type { Task } from '../sweep/running/task.js';
import { packageVersion } from '../version.js';
import type { ShardedEvaluation } from './evaluation-shards.js';
import { type FolderReference, type JobData, jobId, jobPriority, type JobResult, KEPT } from './job.js';
import type { TaskFlows, TaskQueue } from './queue-server.js';

/** How jobs are submitted; see `QueueOptions`. */
export interface SubmissionOptions {
  readonly threads: number;
  readonly priority: number;
  readonly attempts: number;
}

/** Between attempts: 2 s, 4 s, 8 s ... */
const BACKOFF = { type: 'exponential', delay: 2000 } as const;

/** Puts the jobs of a folder into the queue and takes them back. */
export class JobSubmission {
  constructor(
    private readonly queue: TaskQueue,
    private readonly flows: TaskFlows,
    private readonly folder: FolderReference,
    private readonly options: SubmissionOptions,
  ) {}

  /** Submits a task, unless its job waits or runs already. */
  async add(task: Task): Promise<void> {
    const jobId = this.#id(task);
    await this.#removeFinished(jobId);
    await this.queue.add(task.command[0] ?? '', this.#data(task), { ...this.#jobOptions(task), jobId });
  }

  /** The same of an evaluation in shards. */
  async addFlow({ shards, merge }: ShardedEvaluation): Promise<void> {
    const parent = this.#id(merge);
    await this.#removeFinished(parent);
    if ((await this.queue.getJob(parent)) !== undefined) return;
    for (const shard of shards) await this.#removeFinished(this.#id(shard));
    const node = (task: Task, data: JobData, options: JobsOptions): FlowJob => ({
      name: task.command[0] ?? '',
      queueName: this.queue.name,
      prefix: this.queue.opts.prefix ?? '',
      data,
      opts: { ...this.#jobOptions(task), ...options, jobId: this.#id(task) },
    });
    await this.flows.add({
      ...node(merge, { ...this.#data(merge), shards: shards.length }, { attempts: 1 }),
      children: shards.map((shard) => node(shard, this.#data(shard), { failParentOnFailure: true })),
    });
  }

  /**
   * Takes a job and those it waits for back. What runs is told to stop, and ends some time later.
   *
   * @returns `removed` when nothing of it is in the queue any more
   */
  async withdraw(id: string, children: readonly string[] = []): Promise<'removed' | 'runs'> {
    // The merge first: it must not run when its last shard is taken back.
    const all = [id, ...children];
    for (const each of all) await this.#tell(await this.queue.getJob(each));
    const gone = await Promise.all(all.toReversed().map((each) => this.#remove(each)));
    return gone.every(Boolean) ? 'removed' : 'runs';
  }

  /** Why the first of some jobs that failed did. */
  async failureOf(ids: readonly string[]): Promise<string | undefined> {
    for (const id of ids) {
      const job = await this.queue.getJob(id);
      if (job !== undefined && (await job.getState()) === 'failed') return job.failedReason;
    }
    return undefined;
  }

  /** Closes connections to a server that does not answer. */
  async disconnect(): Promise<void> {
    await Promise.all([this.queue.disconnect(), this.flows.disconnect()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.queue.close(), this.flows.close()]);
  }

  readonly #id = (task: Task): string => jobId(this.folder, task);

  #data(task: Task): JobData {
    const { threads } = this.options;
    return { task, folder: this.folder, version: packageVersion(), ...(threads > 0 && { threads }) };
  }

  #jobOptions({ command }: Task): JobsOptions {
    const { attempts, priority } = this.options;
    return { attempts, backoff: BACKOFF, priority: jobPriority(command[0], priority), ...KEPT };
  }

  /** A job that has ended keeps its id for a while, which would keep it from being submitted again. */
  async #removeFinished(id: string): Promise<void> {
    const job = await this.queue.getJob(id);
    if (job?.finishedOn !== undefined) await job.remove({ removeChildren: false });
  }

  async #tell(job: Job<JobData, JobResult> | undefined): Promise<void> {
    if (job === undefined || job.finishedOn !== undefined || job.data.withdrawn !== undefined) return;
    try {
      await job.updateData({ ...job.data, withdrawn: 'stopped' });
    } catch (error) {
      // It has ended, and was removed, in between.
      if (!/missing key/i.test((error as Error).message)) throw error;
    }
  }

  /** @returns false where a worker has it */
  async #remove(id: string): Promise<boolean> {
    const job = await this.queue.getJob(id);
    if (job === undefined) return true;
    try {
      await job.remove({ removeChildren: false });
      return true;
    } catch (error) {
      if (/locked/.test((error as Error).message)) return false;
      throw error;
    }
  }
}
