import { type IQueueBackend, Job, type JobJson, type JobProgress, Queue, Worker } from 'bullmq';
import type { JobData, JobResult } from './job.js';

/**
 * A job whose data are an object, whatever somebody has put into the queue: `{}` in place of anything else, which `checkJob` refuses. BullMQ's
 * own jobs throw where their data are no JSON, in every list that they are in, and are never ended by a worker.
 */
class ReadableJob<D, R, N extends string = string, P extends JobProgress = JobProgress> extends Job<D, R, N, P> {
  static override fromJSON<D, R, N extends string>(
    queue: Parameters<typeof Job.fromJSON>[0],
    json: JobJson,
    id?: string,
  ): Job<D, R, N> {
    return super.fromJSON<D, R, N>(queue, { ...json, data: isObject(json.data) ? json.data : '{}' }, id);
  }
}

/** A queue of readable jobs. */
export class TaskQueue extends Queue<JobData, JobResult, string, JobData, JobResult, string, IQueueBackend, object> {
  protected override get Job(): typeof Job {
    return ReadableJob;
  }
}

/** A worker that is given readable jobs. */
export class TaskWorker extends Worker<JobData, JobResult, string, IQueueBackend, JobProgress, object> {
  protected override get Job(): typeof Job {
    return ReadableJob;
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
