import type { Job } from 'bullmq';
import { ConfigError } from 'ts-diffusion/errors';
import type { JobData, JobResult } from './job.js';
import { type ListedJob, listJobs, UNFINISHED } from './listed-jobs.js';
import type { TaskQueue } from './queue-server.js';

const MOST = 100_000;

/**
 * Cancels jobs. What runs ends, a training with a checkpoint; what waits ends when a worker or its coordinator comes upon it. Their
 * cells fail, and the next run of the sweep tries them again. A malformed job is removed, also
 * one that has failed; one that a worker looks at fails by itself.
 *
 * @param ids of jobs, or beginnings of ids; empty: all
 * @returns names of what was cancelled
 */
export async function cancelJobs(queue: TaskQueue, ids: readonly string[]): Promise<string[]> {
  const failed = (await listJobs(queue, ['failed'], MOST)).filter(({ isMalformed }) => isMalformed);
  const jobs = select([...(await listJobs(queue, UNFINISHED, MOST)), ...failed], ids, 'waits or runs');
  for (const { id, job, isMalformed } of jobs) {
    if (job === undefined || isMalformed) await queue.remove(id, { removeChildren: false });
    else await withdraw(queue, job);
  }
  return jobs.map(({ name }) => name);
}

/** Puts failed jobs into the queue again, but for malformed ones. @param ids as for `cancelJobs` @returns names of what is tried again */
export async function retryJobs(queue: TaskQueue, ids: readonly string[]): Promise<string[]> {
  const failed = await listJobs(queue, ['failed'], MOST);
  const jobs = select(failed, ids, 'has failed').filter(({ isMalformed }) => !isMalformed);
  for (const { job } of jobs) await job?.retry('failed', { resetAttemptsMade: true });
  return jobs.map(({ name }) => name);
}

/** A merge must not run without one of its shards. */
async function withdraw(queue: TaskQueue, job: Job<JobData, JobResult>): Promise<void> {
  const merge = job.parent?.id === undefined ? undefined : await queue.getJob(job.parent.id);
  for (const each of merge === undefined ? [job] : [merge, job]) {
    await each.updateData({ ...each.data, withdrawn: 'cancelled' });
  }
}

function select(jobs: readonly ListedJob[], ids: readonly string[], state: string): readonly ListedJob[] {
  if (ids.length === 0) return jobs;
  return ids.flatMap((beginning) => {
    const found = jobs.filter(({ id }) => id.startsWith(beginning));
    if (found.length > 0) return found;
    throw new ConfigError(`No job ${state} whose id begins with "${beginning}"; diffusion queue lists them.`);
  });
}
