import type { Classified, ClassifierImages } from '../classifier/classifier.js';
import type { DeviceOptions } from '../diagnostics/choose-runtime.js';
import { clientOf, DiffusionWorker, workerOptions, type DiffusionWorkerOptions } from './diffusion-worker.js';
import type { WorkerClient } from './worker-client.js';
import { WorkerModel } from './worker-model.js';
import { count, options, signal, signature, text } from '../utils/arguments.js';
import { deviceChoice, wasmPaths } from '../utils/argument-shapes.js';
import { classifierImages } from '../utils/evaluation-shapes.js';

/** Where a `WorkerClassifier` computes. */
export interface WorkerClassifierOptions extends DeviceOptions, DiffusionWorkerOptions {
  /** A worker that is shared, with a pipeline whose images are classified, say; default: one of its own. */
  readonly on?: DiffusionWorker | undefined;
  readonly signal?: AbortSignal | undefined;
}

const loadArguments = signature('WorkerClassifier.load', {
  source: text,
  options: options({
    ...workerOptions,
    device: deviceChoice.optional(),
    threads: count.optional(),
    wasmPaths,
    signal: signal.optional(),
  }),
});
const classifyArguments = signature('classifier.classify', {
  images: classifierImages,
  run: options({ signal: signal.optional() }),
});

/** A `Classifier` that computes in a worker. What it is asked is done between two steps of what its worker draws. */
export class WorkerClassifier {
  readonly #client: WorkerClient;
  readonly #model: WorkerModel<null>;
  readonly #own: DiffusionWorker | undefined;

  private constructor(model: WorkerModel<null>, client: WorkerClient, own: DiffusionWorker | undefined) {
    this.#model = model;
    this.#client = client;
    this.#own = own;
  }

  /**
   * Loads a classifier of the package by its name (`evaluator`, `feature-network`), or another by its address or path.
   *
   * @throws as `Classifier.load`, WorkerEndedError, the signal's reason once it is aborted
   */
  static async load(source: string, options: WorkerClassifierOptions = {}): Promise<WorkerClassifier> {
    loadArguments({ source, options });
    const { on, worker, device, threads, wasmPaths, signal } = options;
    signal?.throwIfAborted();
    const own = on === undefined ? new DiffusionWorker({ worker }) : undefined;
    const client = clientOf(on ?? (own as DiffusionWorker));
    const input = { source, device: { device, threads, wasmPaths } };
    const model = new WorkerModel(client, 'The classifier', (key, abort) =>
      client.call('openClassifier', { key, ...input }, { signal: abort }),
    );
    try {
      await model.ready(signal);
      return new WorkerClassifier(model, client, own);
    } catch (error) {
      model.close();
      own?.dispose();
      throw error;
    }
  }

  /** As `Classifier.classify`. @throws as that does, WorkerEndedError, the signal's reason once it is aborted */
  async classify(images: ClassifierImages, run: { readonly signal?: AbortSignal } = {}): Promise<Classified> {
    classifyArguments({ images, run });
    const { signal } = run;
    await this.#model.ready();
    return await this.#client.call('classify', { key: this.#model.key, images }, { signal });
  }

  /** Gives its memory back. Later calls are refused with a DisposedError; disposing twice is fine. */
  dispose(): void {
    this.#model.close();
    this.#own?.dispose();
  }
}
