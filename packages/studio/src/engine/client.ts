import { EngineFailure } from './failure.js';
import type { Request, Response, TaskName, Tasks } from './protocol.js';

interface Pending {
  readonly onProgress: (progress: unknown) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (failure: EngineFailure) => void;
}

export interface RunOptions<K extends TaskName> {
  readonly onProgress?: (progress: Tasks[K]['progress']) => void;
  readonly signal?: AbortSignal;
}

/**
 * The page's side of the worker that computes. A worker that dies takes its tasks with it; the next task starts a new
 * one, and tasks say all that they need, so nothing has to be put back.
 */
export class EngineClient {
  #worker: Worker | undefined;
  #nextId = 1;
  readonly #pending = new Map<number, Pending>();

  /** @throws EngineFailure */
  run<K extends TaskName>(task: K, input: Tasks[K]['input'], options: RunOptions<K> = {}): Promise<Tasks[K]['result']> {
    const { onProgress = () => undefined, signal } = options;
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new EngineFailure('cancelled', 'cancelled'));
        return;
      }
      this.#pending.set(id, {
        onProgress: (progress) => {
          onProgress(progress as Tasks[K]['progress']);
        },
        resolve: (result) => {
          resolve(result as Tasks[K]['result']);
        },
        reject,
      });
      signal?.addEventListener('abort', () => {
        worker.postMessage({ id, task: 'cancel' } satisfies Request);
      });
      worker.postMessage({ id, task, input });
    });
  }

  /** Gives the worker's memory back. Tasks under way fail as cancelled. */
  stop(): void {
    this.#end(new EngineFailure('cancelled', 'stopped'));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<Response>) => {
      if ('lock' in data) this.#watch(worker, data.lock);
      else this.#settle(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#end(died(event.message));
    };
    return worker;
  }

  /** A worker that ends by itself sends no event, but the lock that it holds is free again. */
  #watch(worker: Worker, lock: string): void {
    void navigator.locks.request(lock, () => {
      if (worker === this.#worker) this.#end(died());
    });
  }

  #settle(response: Exclude<Response, { lock: string }>): void {
    const pending = this.#pending.get(response.id);
    if (pending === undefined) return;
    if ('progress' in response) {
      pending.onProgress(response.progress);
      return;
    }
    this.#pending.delete(response.id);
    if ('result' in response) {
      pending.resolve(response.result);
      return;
    }
    const failure = new EngineFailure(response.failure.kind, response.failure.message);
    pending.reject(failure);
    // WASM never shrinks: memory is given back only by ending the worker.
    if (failure.kind === 'out-of-memory') this.#end(failure);
  }

  #end(failure: EngineFailure): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(failure);
  }
}

function died(message = ''): EngineFailure {
  return new EngineFailure('worker-died', message);
}
