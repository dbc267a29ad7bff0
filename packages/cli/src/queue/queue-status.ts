import type { Job } from 'bullmq';
import type { JobData, JobProgressReport, JobResult } from './job.js';
import { queueName } from './job.js';
import type { QueueServer, TaskQueue } from './queue-server.js';
import { presentWorkers, type PresentWorker } from './worker-presence.js';

/** A job that runs. */
export interface RunningJob {
  readonly id: string;
  readonly name: string;
  readonly share: number;
  readonly detail: string;
  readonly worker: string;
}

/** A job whose attempts have failed. */
export interface FailedJob {
  readonly id: string;
  readonly name: string;
  readonly error: string;
  readonly attempts: number;
}

/** What is in the queue of a tag. */
export interface QueueStatus {
  readonly tag: string;
  readonly version: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly running: readonly RunningJob[];
  readonly failed: readonly FailedJob[];
}

/** What is in queues, and who works. */
export interface ServerStatus {
  readonly server: string;
  readonly queues: readonly QueueStatus[];
  readonly workers: readonly PresentWorker[];
}

/** Of running and of failed jobs each. */
const MOST_LISTED = 1000;

/** Looks at the queues of some tags. */
export async function serverStatus(
  server: QueueServer,
  tags: readonly string[],
  version: string,
  onTrouble: (error: Error) => void,
): Promise<ServerStatus> {
  const queues: QueueStatus[] = [];
  for (const tag of tags) {
    const queue = server.queue(queueName(tag, version), onTrouble);
    try {
      queues.push({ tag, version, ...(await queueStatus(queue)) });
    } finally {
      await queue.close();
    }
  }
  return { server: server.address.shown, queues, workers: await presentWorkers(server, onTrouble) };
}

async function queueStatus(queue: TaskQueue): Promise<Omit<QueueStatus, 'tag' | 'version'>> {
  const { active = 0, completed = 0, failed = 0, ...waiting } = await queue.getJobCounts();
  const counts = {
    waiting: Object.values(waiting).reduce((sum, count) => sum + count, 0),
    ...{ running: active, done: completed, failed },
  };
  const running = await queue.getJobs(['active'], 0, MOST_LISTED - 1);
  const ended = await queue.getJobs(['failed'], 0, MOST_LISTED - 1);
  return { counts, running: running.map(describeRunning), failed: ended.map(describeFailed) };
}

function describeRunning({ id = '', data, progress, processedBy = '' }: Job<JobData, JobResult>): RunningJob {
  const told = typeof progress === 'object' ? (progress as Partial<JobProgressReport>) : {};
  const { share = data.task.begun, detail = '' } = told;
  return { id, name: data.task.name, share, detail, worker: processedBy };
}

const describeFailed = ({ id = '', data, failedReason, attemptsMade }: Job<JobData, JobResult>): FailedJob => ({
  ...{ id, name: data.task.name, error: failedReason, attempts: attemptsMade },
});
