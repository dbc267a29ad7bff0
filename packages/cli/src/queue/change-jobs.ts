import type { Job } from 'bullmq';
import { ConfigError } from 'ts-diffusion/errors';
import type { JobData, JobResult } from './job.js';
import { type ListedJob, listJobs, UNFINISHED } from './listed-jobs.js';
import type { TaskQueue } from './queue-server.js';

const MOST = 100_000;

/** A job and where it is. */
interface QueuedJob extends ListedJob {
  readonly queue: TaskQueue;
}

/**
 * Cancels jobs. What runs ends, a training with a checkpoint; what waits ends when a worker or its coordinator comes upon it. Their
 * cells fail, and the next run of the sweep tries them again. A malformed job is removed, also
 * one that has failed; one that a worker looks at fails by itself.
 *
 * @param queues of some tags
 * @param ids of jobs, or beginnings of ids, each of which names all jobs that begin with it; empty: all
 * @returns names of what was cancelled
 * @throws ConfigError where no job of any of the queues begins so; nothing is cancelled then
 */
export async function cancelJobs(queues: readonly TaskQueue[], ids: readonly string[]): Promise<string[]> {
  const listed = await eachQueue(queues, async (queue) => [
    ...(await listJobs(queue, UNFINISHED, MOST)),
    ...(await listJobs(queue, ['failed'], MOST)).filter(({ isMalformed }) => isMalformed),
  ]);
  const jobs = select(listed, ids, 'waits or runs');
  for (const { id, job, isMalformed, queue } of jobs) {
    if (job === undefined || isMalformed) await queue.remove(id, { removeChildren: false });
    else await withdraw(queue, job);
  }
  return jobs.map(({ name }) => name);
}

/**
 * Puts failed jobs into the queue again, but for malformed ones.
 *
 * @param ids as for `cancelJobs`
 * @returns names of what is tried again
 * @throws ConfigError as `cancelJobs`
 */
export async function retryJobs(queues: readonly TaskQueue[], ids: readonly string[]): Promise<string[]> {
  const failed = await eachQueue(queues, (queue) => listJobs(queue, ['failed'], MOST));
  const jobs = select(failed, ids, 'has failed').filter(({ isMalformed }) => !isMalformed);
  for (const { job } of jobs) await job?.retry('failed', { resetAttemptsMade: true });
  return jobs.map(({ name }) => name);
}

async function eachQueue(
  queues: readonly TaskQueue[],
  list: (queue: TaskQueue) => Promise<readonly ListedJob[]>,
): Promise<QueuedJob[]> {
  const lists = await Promise.all(queues.map(async (queue) => (await list(queue)).map((job) => ({ ...job, queue }))));
  return lists.flat();
}

/** A merge must not run without one of its shards. */
async function withdraw(queue: TaskQueue, job: Job<JobData, JobResult>): Promise<void> {
  const merge = job.parent?.id === undefined ? undefined : await queue.getJob(job.parent.id);
  for (const each of merge === undefined ? [job] : [merge, job]) {
    await each.updateData({ ...each.data, withdrawn: 'cancelled' });
  }
}

/** The jobs that are named, each once. @throws ConfigError for what names none */
function select(jobs: readonly QueuedJob[], ids: readonly string[], state: string): readonly QueuedJob[] {
  if (ids.length === 0) return jobs;
  const unknown = ids.find((beginning) => !jobs.some(({ id }) => id.startsWith(beginning)));
  if (unknown === undefined) return jobs.filter(({ id }) => ids.some((beginning) => id.startsWith(beginning)));
  throw new ConfigError(
    `No job ${state} whose id begins with "${unknown}", so nothing was changed; diffusion queue lists them, with --tags those of other tags.`,
  );
}
