import { startWorker } from '#platform/worker.js';
import { OutOfMemoryError } from '../runtime/out-of-memory.js';
import type { WorkerConnection, WorkerHandle } from './connection.js';
import { ConfigError, DisposedError } from '../utils/errors.js';
import { WorkerEndedError } from './errors.js';
import type { FromWorker, TaskName, Tasks } from './messages.js';
import { decodeError } from './transferred-error.js';

/** What a caller gives with a task. */
export interface CallOptions<Name extends TaskName> {
  readonly onProgress?: ((progress: Tasks[Name]['progress']) => void) | undefined;
  /** Rejects at once with the signal's reason; the worker stops before its next evaluation of a network. */
  readonly signal?: AbortSignal | undefined;
}

/** A task under way. */
export interface Ongoing<Name extends TaskName> {
  readonly result: Promise<Tasks[Name]['result']>;
  /** Asks the worker to stop; what comes of the task still comes. */
  readonly cancel: () => void;
  /** Lets a task that waits for its caller go on; with `last` it is to end. */
  next(last?: boolean): void;
}

interface Pending {
  readonly onProgress: (progress: unknown) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The calling side of a worker: starts one for the first task, and another for the first task after it ended. */
export class WorkerClient {
  readonly #create: (() => WorkerHandle) | undefined;
  readonly #pending = new Map<number, Pending>();
  #worker: WorkerConnection | undefined;
  #lastId = 0;
  #generation = 0;
  #disposed = false;

  constructor(create?: () => WorkerHandle) {
    this.#create = create;
  }

  /** How many workers have ended: what an earlier one had loaded is gone. */
  get generation(): number {
    return this.#generation;
  }

  /** @throws (rejects) what the task throws, WorkerEndedError, or the signal's reason */
  async call<Name extends TaskName>(
    task: Name,
    input: Tasks[Name]['input'],
    { onProgress, signal }: CallOptions<Name> = {},
  ): Promise<Tasks[Name]['result']> {
    signal?.throwIfAborted();
    const { result, cancel } = this.begin(task, input, (progress) => {
      if (signal?.aborted !== true) onProgress?.(progress);
    });
    if (signal === undefined) return await result;
    // What comes of it after it was aborted is nobody's.
    result.catch(() => undefined);
    return await new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      result.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', abort);
      });
    });
  }

  /** As `call`, for tasks that are talked with while they run. */
  begin<Name extends TaskName>(
    task: Name,
    input: Tasks[Name]['input'],
    onProgress: (progress: Tasks[Name]['progress']) => void = () => undefined,
  ): Ongoing<Name> {
    if (this.#disposed) throw DisposedError.of('The worker', 'make another');
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#lastId;
    const result = new Promise<Tasks[Name]['result']>((resolve, reject) => {
      this.#pending.set(id, {
        onProgress: (progress) => {
          onProgress(progress as Tasks[Name]['progress']);
        },
        resolve: (value) => {
          resolve(value as Tasks[Name]['result']);
        },
        reject,
      });
    });
    worker.keepAlive(true);
    try {
      worker.post({ type: 'call', id, task, input } as Parameters<typeof worker.post>[0]);
    } catch (error) {
      const why = (error as Error).message;
      this.#take(id)?.reject(new ConfigError(`${task}: functions and open files cannot be sent to a worker (${why})`));
    }
    const post = (message: Parameters<typeof worker.post>[0]): void => {
      if (worker === this.#worker && this.#pending.has(id)) worker.post(message);
    };
    return {
      result,
      cancel: () => {
        post({ type: 'cancel', id });
      },
      next: (last = false) => {
        post({ type: 'next', id, last });
      },
    };
  }

  /** Ends the worker and gives its memory back. Tasks under way reject. */
  dispose(): void {
    this.#disposed = true;
    this.#end(new DOMException('The worker was disposed of.', 'AbortError'));
  }

  #start(): WorkerConnection {
    const connection: WorkerConnection = startWorker(
      {
        onMessage: (message) => {
          if (connection === this.#worker) this.#receive(message);
        },
        onEnd: (how) => {
          if (connection === this.#worker) this.#end(new WorkerEndedError(how));
        },
      },
      this.#create,
    );
    return connection;
  }

  #receive(message: FromWorker): void {
    if (message.type === 'lock') return;
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    if (message.type === 'progress') {
      pending.onProgress(message.value);
      return;
    }
    this.#take(message.id);
    if (message.type === 'result') {
      pending.resolve(message.value);
      return;
    }
    const error = decodeError(message.error);
    pending.reject(error);
    // WebAssembly never shrinks: memory is given back only by ending the worker.
    if (error instanceof OutOfMemoryError) this.#end(error);
  }

  /** A task that is over. */
  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.keepAlive(false);
    return pending;
  }

  #end(error: Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#generation++;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(error);
  }
}
