import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { JobData } from './job.js';
import { listJobs } from './listed-jobs.js';
import type { QueueServer, TaskQueue } from './queue-server.js';

const descriptionSchema = z.object({
  version: z.string(),
  tags: z.array(z.string()).readonly(),
  /** Jobs at once, of each tag. */
  slots: z.number(),
});

/** What a worker says of itself. */
export type WorkerDescription = z.infer<typeof descriptionSchema>;

/** A worker that is connected. */
export interface PresentWorker extends WorkerDescription {
  /** HOST:PID */
  readonly name: string;
}

/** A worker in the list of those that are connected, until it closes. */
export interface WorkerPresence {
  readonly name: string;
  readonly close: () => Promise<void>;
}

/**
 * A queue from which nobody takes jobs. Those whose names its connections have are present, until they die; its jobs are their
 * descriptions, since PostgreSQL keeps only 63 bytes of a name.
 */
const LIST = 'workers';
const HOST_CHARACTERS = 20;
const ID_CHARACTERS = 8;
/** Between two announcements, the later of which only a server needs that has lost its data. */
const INTERVAL_MS = 60_000;
/** Descriptions of workers that died are removed after so long. */
const KEPT_MS = 24 * 3_600_000;
const MOST = 10_000;

/** Puts this process into the list of workers. */
export function announceWorker(
  server: QueueServer,
  description: WorkerDescription,
  onTrouble: (error: Error) => void,
): WorkerPresence {
  const name = `${hostname().slice(0, HOST_CHARACTERS)}:${process.pid}`;
  const id = `w${randomUUID().slice(0, ID_CHARACTERS)}`;
  const worker = server.worker(LIST, null, { name: `${name}:${id}`, autorun: false }, onTrouble);
  const list = server.queue(LIST, onTrouble);
  const announce = async (): Promise<void> => {
    await list.add(LIST, description as unknown as JobData, { jobId: id }).catch(onTrouble);
  };
  const announced = announce();
  const timer = setInterval(() => void announce(), INTERVAL_MS);
  return {
    name,
    close: async () => {
      clearInterval(timer);
      await announced;
      await list.remove(id).catch(onTrouble);
      await Promise.all([worker.close(), list.close()]);
    },
  };
}

/** The workers that are connected, of any version. */
export async function presentWorkers(server: QueueServer, onTrouble: (error: Error) => void): Promise<PresentWorker[]> {
  const list: TaskQueue = server.queue(LIST, onTrouble);
  try {
    const jobs = new Map((await listJobs(list, ['wait'], MOST)).map((each) => [each.id, each.job]));
    const present = new Set<string>();
    const workers = (await list.getWorkers()).flatMap(({ rawname = '' }) => {
      const [, host, pid, id = ''] = /:w:([^:]*):(\d+):(\w+)$/.exec(rawname) ?? [];
      present.add(id);
      const { data } = descriptionSchema.safeParse(jobs.get(id)?.data);
      return host === undefined || data === undefined ? [] : [{ name: `${host}:${pid ?? ''}`, ...data }];
    });
    for (const [id, job] of jobs) {
      if (!present.has(id) && Date.now() - (job?.timestamp ?? 0) > KEPT_MS) await list.remove(id);
    }
    return workers;
  } finally {
    await list.close();
  }
}
