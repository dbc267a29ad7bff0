import type { WorkerHandle } from './connection.js';
import { WorkerClient } from './worker-client.js';
import { callback, Kind, options, signature } from '../utils/arguments.js';

/** How a worker is started. */
export interface DiffusionWorkerOptions {
  /**
   * Starts the worker; default: the package's own file, in a browser `new Worker(new URL('./worker-thread.js', import.meta.url), {
   * type: 'module' })`, in Node a child process. For bundlers that do not follow such an address (esbuild), and for workers that
   * add something of their own: the file is `ts-diffusion/worker-thread`. In Node: `fork(file, { serialization: 'advanced' })`.
   */
  readonly worker?: (() => WorkerHandle) | undefined;
}

/** The options that say which worker, of everything that computes in one. */
export const workerOptions = {
  on: Kind.of('a DiffusionWorker', (value) => value instanceof DiffusionWorker).optional(),
  worker: callback.optional(),
};

/** The client of a worker: for the classes of this folder, not for users. */
export let clientOf: (worker: DiffusionWorker) => WorkerClient;

const workerArguments = signature('new DiffusionWorker', { options: options({ worker: callback.optional() }) });

/**
 * A worker that several pipelines and trainings share: a Web Worker in a browser, a child process in Node. It starts with the first
 * request. When it ends by itself, the requests under way reject with `WorkerEndedError` and the next request starts another, in
 * which every pipeline loads its model again.
 *
 *     const worker = new DiffusionWorker();
 *     const modern = await WorkerPipeline.load('modern', { on: worker });
 *     const quick = await WorkerPipeline.load('quick', { on: worker });
 *     worker.dispose();
 */
export class DiffusionWorker {
  readonly #client: WorkerClient;

  /** Starts nothing yet: the worker starts with its first request. */
  constructor(options: DiffusionWorkerOptions = {}) {
    workerArguments({ options });
    this.#client = new WorkerClient(options.worker);
  }

  static {
    clientOf = (worker) => worker.#client;
  }

  /** Ends the worker and gives its memory back. Requests under way reject with an AbortError, later ones with a DisposedError. */
  dispose(): void {
    this.#client.dispose();
  }
}
