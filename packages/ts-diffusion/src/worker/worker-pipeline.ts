import { NoiseSource } from '../diffusion/noise-source.js';
import type { DeviceOptions } from '../diagnostics/choose-runtime.js';
import { maybeName, type ModelSource, type ReadModelOptions } from '../pipeline/model-source.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import type { EncodedImages } from '../pipeline/encode-images.js';
import type { GeneratedImages, PipelineState } from '../pipeline/run-plan.js';
import type {
  EditOptions,
  EncodeOptions,
  InpaintOptions,
  InterpolateOptions,
  SampleOptions,
} from '../pipeline/sample-options.js';
import { COMMON_BATCH_SIZES, type BatchSizes } from '../runtime/batch-sizes.js';
import { modelSource, runOptions, workerLoadOptions } from '../utils/argument-shapes.js';
import { count, options, positiveCount, record, signature } from '../utils/arguments.js';
import { ConfigError } from '../utils/errors.js';
import { clientOf, DiffusionWorker, workerOptions, type DiffusionWorkerOptions } from './diffusion-worker.js';
import type { Draw, Drawings } from './messages.js';
import type { WorkerModelInfo } from './model-info.js';
import type { WorkerClient } from './worker-client.js';
import { WorkerModel } from './worker-model.js';

/** Where and how a `WorkerPipeline` computes, and how its model is read. */
export interface WorkerPipelineOptions
  extends DeviceOptions, Omit<ReadModelOptions, 'onMessage'>, DiffusionWorkerOptions {
  /** A worker that is shared; default: one of its own, which ends with the pipeline. */
  readonly on?: DiffusionWorker | undefined;
  /** A newer request cancels the one before, which rejects with an AbortError. Default false: they are done in turn. */
  readonly newestWins?: boolean | undefined;
  /**
   * Default sampling, in place of that of the file or the package. `edit` and `inpaint` go by it
   * too, with a sampler that adds noise (docs/sampling.md); `interpolate` and `encode` have samplers of their own.
   */
  readonly sampling?: ModelSampling | undefined;
  /** Default `COMMON_BATCH_SIZES`; `[]`: every batch is run as it is, to the bit as a `DiffusionPipeline` does. */
  readonly batchSizes?: BatchSizes | undefined;
  /** Whether `load` also compiles what drawing one image needs, so that the first is as fast as the next; default true. */
  readonly warmUp?: boolean | undefined;
}

/** How a request is run. */
export interface WorkerRunOptions {
  /** Rejects at once with the signal's reason; the worker stops before its next evaluation of the network. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every state on the way. */
  readonly onState?: ((state: PipelineState) => void) | undefined;
}

const loadArguments = signature('WorkerPipeline.load', { source: modelSource, options: workerLoadOptions });
const workerArguments = signature('WorkerPipeline.load', { options: options(workerOptions) });
const drawArguments = signature('WorkerPipeline', { options: record, run: runOptions });
const warmUpArguments = signature('pipeline.warmUp', { images: positiveCount });
const initialNoiseArguments = signature('pipeline.initialNoise', { seed: count, index: count });

/**
 * A `DiffusionPipeline` that computes in a worker: the page, or Node's event loop, stays free.
 *
 *     const pipeline = await WorkerPipeline.load('modern');
 *     const { images } = await pipeline.generate({ labels: [3, 1, 4], seed: 1 });
 *     pipeline.dispose();
 */
export class WorkerPipeline {
  /** What the model is and where it computes, as of loading. */
  readonly info: WorkerModelInfo;
  readonly #client: WorkerClient;
  readonly #model: WorkerModel<WorkerModelInfo>;
  readonly #own: DiffusionWorker | undefined;
  readonly #newestWins: boolean;
  #newest: AbortController | undefined;

  private constructor(
    info: WorkerModelInfo,
    model: WorkerModel<WorkerModelInfo>,
    client: WorkerClient,
    own: DiffusionWorker | undefined,
    newestWins: boolean,
  ) {
    this.info = info;
    this.#model = model;
    this.#client = client;
    this.#own = own;
    this.#newestWins = newestWins;
  }

  /**
   * Starts the worker where it does not run yet, and loads a model in it.
   *
   * @throws CheckpointError when there is no usable model, DataError when it cannot be downloaded, RuntimeError when nothing can
   *   compute here, WorkerEndedError when the worker crashes, the signal's reason once it is aborted
   */
  static async load(source: ModelSource, options: WorkerPipelineOptions = {}): Promise<WorkerPipeline> {
    loadArguments({ source, options });
    workerArguments({ options });
    const { on, worker, newestWins = false, batchSizes = COMMON_BATCH_SIZES, warmUp = true } = options;
    const { device, threads, wasmPaths, sampling, ema, cache, modelsUrl, onProgress, signal } = options;
    signal?.throwIfAborted();
    const own = on === undefined ? new DiffusionWorker({ worker }) : undefined;
    const client = clientOf(on ?? (own as DiffusionWorker));
    const input = {
      source: source instanceof Uint8Array ? source : addressOf(source),
      device: { device, threads, wasmPaths },
      ...{ batchSizes, warmUp, sampling, ema, cache },
      modelsUrl: modelsUrl === undefined ? undefined : absolute(modelsUrl),
    };
    const model = new WorkerModel(client, 'The pipeline', (key, abort) =>
      client.call('open', { key, ...input }, { onProgress, signal: abort }),
    );
    try {
      return new WorkerPipeline(await model.ready(signal), model, client, own, newestWins);
    } catch (error) {
      model.close();
      own?.dispose();
      throw error;
    }
  }

  /** The noise x_T [C, H, W] that image `index` of a seed starts from, for `interpolate`. */
  initialNoise(seed: number, index: number): Float32Array {
    this.#model.refuseIfClosed();
    initialNoiseArguments({ seed, index });
    const { imageChannels, imageSize } = this.info.model;
    return new NoiseSource(seed, index, 1, imageChannels * imageSize ** 2).next();
  }

  /**
   * As `DiffusionPipeline.generate`.
   *
   * @throws as that does; ConfigError for a sampler of one's own, which is code and cannot be sent; WorkerEndedError
   */
  async generate(options: SampleOptions, run?: WorkerRunOptions): Promise<GeneratedImages> {
    return await this.#draw('generate', options, run);
  }

  /** As `DiffusionPipeline.edit`. @throws as `generate` */
  async edit(options: EditOptions, run?: WorkerRunOptions): Promise<GeneratedImages> {
    return await this.#draw('edit', options, run);
  }

  /** As `DiffusionPipeline.inpaint`. @throws as `generate` */
  async inpaint(options: InpaintOptions, run?: WorkerRunOptions): Promise<GeneratedImages> {
    return await this.#draw('inpaint', options, run);
  }

  /** As `DiffusionPipeline.interpolate`. @throws as `generate` */
  async interpolate(options: InterpolateOptions, run?: WorkerRunOptions): Promise<GeneratedImages> {
    return await this.#draw('interpolate', options, run);
  }

  /** As `DiffusionPipeline.encode`. There are no states on the way. @throws as `generate` */
  async encode(options: EncodeOptions, run?: Pick<WorkerRunOptions, 'signal'>): Promise<EncodedImages> {
    return await this.#draw('encode', options, run);
  }

  /** As `DiffusionPipeline.warmUp`. */
  async warmUp(images = 1): Promise<void> {
    warmUpArguments({ images });
    await this.#model.ready();
    await this.#client.call('warmUp', { key: this.#model.key, images });
  }

  /**
   * Gives the model's memory back: with its worker, or, where that is shared, as far as the platform does within a worker.
   * Later calls are refused with a DisposedError; disposing twice is fine.
   */
  dispose(): void {
    this.#model.close();
    this.#own?.dispose();
  }

  async #draw<Method extends keyof Drawings>(
    method: Method,
    options: Drawings[Method]['options'],
    run: WorkerRunOptions = {},
  ): Promise<Drawings[Method]['result']> {
    this.#model.refuseIfClosed();
    drawArguments({ options, run });
    const { signal, onState } = run;
    const abort = new AbortController();
    if (this.#newestWins) {
      this.#newest?.abort(new DOMException('A newer request has taken the place of this one.', 'AbortError'));
      this.#newest = abort;
    }
    const either = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal]);
    // One that is not wanted any more does not stop the model from being loaded for the next.
    await unlessAborted(this.#model.ready(), either);
    const input = { key: this.#model.key, method, options: plain(options), states: onState !== undefined } as Draw;
    return await this.#client.call('draw', input, { onProgress: onState, signal: either });
  }
}

/** Labels may be any array-like object, which cannot be sent. @throws ConfigError for a sampler of one's own */
function plain<Options extends object>(options: Options): Options {
  const { labels, sampler } = options as { labels?: ArrayLike<number>; sampler?: unknown };
  if (typeof sampler === 'object') {
    throw new ConfigError(
      'A custom sampler is code and cannot be sent to a worker; give the name of a sampler of the library.',
    );
  }
  return labels === undefined ? options : { ...options, labels: Array.from(labels) };
}

async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}

/** A worker has another address than its page: what is relative is resolved here. Names and paths stay as they are. */
function addressOf(source: string | URL): string {
  return source instanceof URL ? source.href : isRelativeAddress(source) ? absolute(source) : source;
}

const inPage = typeof document !== 'undefined';
const isRelativeAddress = (source: string): boolean => inPage && !maybeName(source);
const absolute = (url: string | URL): string =>
  inPage ? new URL(url, document.baseURI.replace(/#.*$/, '')).href : String(url);
