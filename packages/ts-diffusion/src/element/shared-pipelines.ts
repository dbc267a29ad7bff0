import type { LoadProgress } from '../pipeline/model-source.js';
import { DiffusionWorker } from '../worker/diffusion-worker.js';
import { WorkerPipeline, type WorkerPipelineOptions } from '../worker/worker-pipeline.js';

/** How the elements of a page load their models: of `WorkerPipelineOptions` what does not differ from one to the other. */
export type SharedOptions = Pick<
  WorkerPipelineOptions,
  'worker' | 'wasmPaths' | 'modelsUrl' | 'device' | 'threads' | 'cache' | 'batchSizes'
>;

/** A model in use by one user. */
export interface Lease {
  /** Rejects as `WorkerPipeline.load`. */
  readonly pipeline: Promise<WorkerPipeline>;
  /** Gives it back; the last user's gives its memory back. To be called once. */
  release(): void;
}

interface Shared {
  readonly pipeline: Promise<WorkerPipeline>;
  readonly listeners: Set<(progress: LoadProgress) => void>;
  users: number;
}

/** Models that several users share, all in one worker. The worker ends when nobody uses any. */
export class SharedPipelines {
  readonly #options: () => SharedOptions;
  /** Those that are loaded, or being loaded. */
  readonly #models = new Map<string, Shared>();
  #worker: DiffusionWorker | undefined;
  #users = 0;

  /** @param options read when a model is loaded */
  constructor(options: () => SharedOptions) {
    this.#options = options;
  }

  /** A model that was loaded for another user, or is loaded now. */
  lease(model: string, onProgress: (progress: LoadProgress) => void): Lease {
    const shared = this.#models.get(model) ?? this.#load(model);
    shared.users++;
    this.#users++;
    shared.listeners.add(onProgress);
    return {
      pipeline: shared.pipeline,
      release: () => {
        shared.listeners.delete(onProgress);
        shared.users--;
        this.#users--;
        if (shared.users === 0) this.#dispose(model, shared);
      },
    };
  }

  #load(model: string): Shared {
    const { worker, ...options } = this.#options();
    this.#worker ??= new DiffusionWorker({ worker });
    const listeners: Shared['listeners'] = new Set();
    const onProgress = (progress: LoadProgress): void => {
      for (const listener of listeners) listener(progress);
    };
    const pipeline = WorkerPipeline.load(model, { ...options, on: this.#worker, onProgress });
    const shared: Shared = { pipeline, listeners, users: 0 };
    this.#models.set(model, shared);
    // The next who asks for it tries again.
    pipeline.catch(() => {
      this.#forget(model, shared);
    });
    return shared;
  }

  #forget(model: string, shared: Shared): void {
    if (this.#models.get(model) === shared) this.#models.delete(model);
  }

  #dispose(model: string, shared: Shared): void {
    this.#forget(model, shared);
    shared.pipeline.then(
      (pipeline) => {
        pipeline.dispose();
      },
      () => undefined,
    );
    if (this.#users > 0) return;
    this.#worker?.dispose();
    this.#worker = undefined;
  }
}
