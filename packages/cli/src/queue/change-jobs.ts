import type { Job, JobType } from 'bullmq';
import { ConfigError } from 'ts-diffusion/errors';
import type { JobData, JobResult } from './job.js';
import type { TaskQueue } from './queue-server.js';

const UNFINISHED: readonly JobType[] = ['active', 'wait', 'prioritized', 'delayed', 'waiting-children'];
const MOST = 100_000;

/**
 * Cancels jobs. What runs ends, a training with a checkpoint; what waits ends when a worker or its coordinator comes upon it. Their
 * cells fail, and the next run of the sweep tries them again.
 *
 * @param ids of jobs, or beginnings of ids; empty: all
 * @returns names of what was cancelled
 */
export async function cancelJobs(queue: TaskQueue, ids: readonly string[]): Promise<string[]> {
  const jobs = select(await queue.getJobs([...UNFINISHED], 0, MOST), ids, 'waits or runs');
  for (const job of jobs) {
    // A merge must not run without one of its shards.
    const merge = job.parent?.id === undefined ? undefined : await queue.getJob(job.parent.id);
    for (const each of merge === undefined ? [job] : [merge, job]) {
      await each.updateData({ ...each.data, withdrawn: 'cancelled' });
    }
  }
  return jobs.map(({ data }) => data.task.name);
}

/** Puts failed jobs into the queue again. @param ids as for `cancelJobs` @returns names of what is tried again */
export async function retryJobs(queue: TaskQueue, ids: readonly string[]): Promise<string[]> {
  const jobs = select(await queue.getJobs(['failed'], 0, MOST), ids, 'has failed');
  for (const job of jobs) await job.retry('failed', { resetAttemptsMade: true });
  return jobs.map(({ data }) => data.task.name);
}

function select(
  jobs: readonly Job<JobData, JobResult>[],
  ids: readonly string[],
  state: string,
): readonly Job<JobData, JobResult>[] {
  if (ids.length === 0) return jobs;
  return ids.flatMap((beginning) => {
    const found = jobs.filter(({ id = '' }) => id.startsWith(beginning));
    if (found.length > 0) return found;
    throw new ConfigError(`No job ${state} whose id begins with "${beginning}"; diffusion queue lists them.`);
  });
}
