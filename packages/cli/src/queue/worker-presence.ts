import { hostname } from 'node:os';
import type { QueueServer, TaskQueue } from './queue-server.js';

/** What a worker says of itself. */
export interface WorkerDescription {
  readonly version: string;
  readonly tags: readonly string[];
  /** Jobs at once, of each tag. */
  readonly slots: number;
}

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

/** The queue of no jobs, whose workers' names are the list: a worker that dies is not in it any more. */
const LIST = 'workers';
/** PostgreSQL keeps 63 bytes of a name. */
const HOST_CHARACTERS = 20;

/** Puts this process into the list of workers. */
export function announceWorker(
  server: QueueServer,
  { version, tags, slots }: WorkerDescription,
  onTrouble: (error: Error) => void,
): WorkerPresence {
  const name = `${hostname().slice(0, HOST_CHARACTERS)}:${process.pid}`;
  const worker = server.worker(
    LIST,
    null,
    { name: [name, version, slots, tags.join('+')].join(':'), autorun: false },
    onTrouble,
  );
  return { name, close: () => worker.close() };
}

/** The workers that are connected, of any version. */
export async function presentWorkers(server: QueueServer, onTrouble: (error: Error) => void): Promise<PresentWorker[]> {
  const list: TaskQueue = server.queue(LIST, onTrouble);
  try {
    const found = await list.getWorkers();
    return found.flatMap(({ rawname = '' }) => {
      const [, host, pid, version, slots, tags] = /:w:([^:]*):(\d+):([^:]*):(\d+):(.*)$/.exec(rawname) ?? [];
      if (host === undefined || version === undefined || tags === undefined) return [];
      return [{ name: `${host}:${pid ?? ''}`, version, slots: Number(slots), tags: tags.split('+') }];
    });
  } finally {
    await list.close();
  }
}
