import { z } from 'zod';
import { queueName } from './job.js';
import { type ListedJob, listJobs } from './listed-jobs.js';
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

/** A job that no sweep has put into the queue, or that was damaged there. */
export interface MalformedJob {
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'failed';
}

/** What is in the queue of a tag. */
export interface QueueStatus {
  readonly tag: string;
  readonly version: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly running: readonly RunningJob[];
  readonly failed: readonly FailedJob[];
  readonly malformed: readonly MalformedJob[];
}

/** What is in queues, and who works. */
export interface ServerStatus {
  readonly server: string;
  readonly queues: readonly QueueStatus[];
  readonly workers: readonly PresentWorker[];
}

/** Of waiting, running and failed jobs each. */
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
  const waits = await listJobs(queue, ['wait', 'prioritized', 'delayed', 'waiting-children'], MOST_LISTED);
  const runs = await listJobs(queue, ['active'], MOST_LISTED);
  const ended = await listJobs(queue, ['failed'], MOST_LISTED);
  return {
    counts,
    running: runs.filter(isOfSweep).map(describeRunning),
    failed: ended.filter(isOfSweep).map(describeFailed),
    malformed: [...malformed(waits, 'waiting'), ...malformed(runs, 'running'), ...malformed(ended, 'failed')],
  };
}

const reportSchema = z.object({ share: z.number(), detail: z.string() });
const isOfSweep = ({ isMalformed }: ListedJob): boolean => !isMalformed;

const malformed = (jobs: readonly ListedJob[], state: MalformedJob['state']): MalformedJob[] =>
  jobs.filter(({ isMalformed }) => isMalformed).map(({ id }) => ({ id, state }));

function describeRunning({ id, name, job }: ListedJob): RunningJob {
  const { share = job?.data.task.begun ?? 0, detail = '' } = reportSchema.safeParse(job?.progress).data ?? {};
  return { id, name, share, detail, worker: job?.processedBy ?? '' };
}

const describeFailed = ({ id, name, job }: ListedJob): FailedJob => ({
  ...{ id, name, error: job?.failedReason ?? '', attempts: job?.attemptsMade ?? 0 },
});
