import type { Job, JobType } from 'bullmq';
import { z } from 'zod';
import type { JobData, JobResult } from './job.js';
import type { TaskQueue } from './readable-job.js';

/** A job as it is found in a queue, into which anybody may have put it. */
export interface ListedJob {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Undefined where not even the queue can read it. */
  readonly job: Job<JobData, JobResult> | undefined;
  /** Whether it is not one of a sweep: a worker that takes it has it fail. */
  readonly isMalformed: boolean;
}

const named = z.object({ task: z.object({ name: z.string() }) });

/** States of jobs that a worker can take now. */
export const WAITING: readonly JobType[] = ['wait', 'prioritized'];

/** States of jobs that are not done and have not failed. */
export const UNFINISHED: readonly JobType[] = ['active', 'wait', 'prioritized', 'delayed', 'waiting-children'];

/** The jobs in some states. @param most of each state */
export async function listJobs(queue: TaskQueue, states: readonly JobType[], most: number): Promise<ListedJob[]> {
  const ids = await queue.getRanges([...states], 0, most - 1);
  const listed = await Promise.all(ids.map((id) => listJob(queue, id)));
  return listed.filter((each) => each !== undefined);
}

/** @returns undefined where it is gone */
async function listJob(queue: TaskQueue, id: string): Promise<ListedJob | undefined> {
  let job: ListedJob['job'];
  try {
    job = await queue.getJob(id);
    if (job === undefined) return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const found = named.safeParse(job?.data).data;
  return { id, job, name: found?.task.name ?? `malformed job ${id}`, isMalformed: found === undefined };
}
