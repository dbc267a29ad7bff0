import {
  createPostgresBackend,
  FlowProducer,
  type IQueueBackend,
  QueueEvents,
  createRedisBackend,
  type BackendFactory,
  type Processor,
  type WorkerOptions,
} from 'bullmq';
import { type JobData, type JobResult, NAMESPACE } from './job.js';
import type { QueueAddress } from './queue-address.js';
import { TaskQueue, TaskWorker } from './readable-job.js';

export type { TaskQueue, TaskWorker } from './readable-job.js';
export type TaskEvents = QueueEvents<JobResult, IQueueBackend, object>;
export type TaskFlows = FlowProducer<IQueueBackend, object>;

const RETRY_MS = 1000;
/** Connections of each object to PostgreSQL; beside them each worker and listener has one that waits. */
const POOL = 2;

/** A server that BullMQ's objects connect to, each with connections of its own. */
export class QueueServer {
  private constructor(readonly address: QueueAddress) {}

  /** Checks the server first. @throws ConfigError saying what is wrong with it */
  static async open(address: QueueAddress): Promise<QueueServer> {
    if (address.kind === 'redis') await (await import('./check-redis.js')).checkRedis(address);
    else await (await import('./check-postgres.js')).checkPostgres(address);
    return new QueueServer(address);
  }

  /** @param onTrouble told of lost connections and the like, which pass */
  queue(name: string, onTrouble: (error: Error) => void): TaskQueue {
    const queue = new TaskQueue(name, this.#options(), this.#factory());
    return queue.on('error', this.#hidden(onTrouble));
  }

  events(name: string, onTrouble: (error: Error) => void): TaskEvents {
    const events: TaskEvents = new QueueEvents(name, this.#options(), this.#factory());
    return events.on('error', this.#hidden(onTrouble));
  }

  flows(onTrouble: (error: Error) => void): TaskFlows {
    const flows: TaskFlows = new FlowProducer(this.#options(), this.#factory());
    flows.on('error', this.#hidden(onTrouble));
    return flows;
  }

  worker(
    name: string,
    process: Processor<JobData, JobResult> | null,
    options: Omit<WorkerOptions, 'connection'>,
    onTrouble: (error: Error) => void,
  ): TaskWorker {
    const worker = new TaskWorker(
      name,
      process,
      { ...this.#options(), runRetryDelay: RETRY_MS, ...options },
      this.#factory(),
    );
    return worker.on('error', this.#hidden(onTrouble));
  }

  /** Passwords that a server repeats are not passed on. */
  #hidden(onTrouble: (error: Error) => void): (error: Error) => void {
    return (error) => {
      error.message = this.address.hide(error.message);
      onTrouble(error);
    };
  }

  #options(): { readonly connection: object; readonly prefix: string } {
    const { kind, url } = this.address;
    const connection =
      kind === 'redis'
        ? { url, maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS }
        : { connectionString: url, schema: NAMESPACE, max: POOL };
    return { connection, prefix: NAMESPACE };
  }

  #factory(): BackendFactory<IQueueBackend, object> {
    return (this.address.kind === 'redis' ? createRedisBackend : createPostgresBackend) as BackendFactory<
      IQueueBackend,
      object
    >;
  }
}
