import { areKnownDigits } from 'ts-diffusion/data';
import { CheckpointError } from 'ts-diffusion/errors';
import {
  DiffusionWorker,
  type LoadProgress,
  WorkerClassifier,
  WorkerPipeline,
  type WorkerPipelineOptions,
} from 'ts-diffusion/worker';
import type { DeviceName, EngineInfo, ModelReference, Setup, TaskName, Tasks } from './tasks.js';
import { edit, inpaint, interpolate } from './tasks/change.js';
import { guidanceMap } from './tasks/guidance-map.js';
import { sample } from './tasks/sample.js';
import type { Classify, Task } from './tasks/task.js';
import { wasmPaths } from './wasm-paths.js';

export interface RunOptions<K extends TaskName> {
  readonly onProgress: (progress: Tasks[K]['progress']) => void;
  readonly signal: AbortSignal;
}

interface OpenedPipeline {
  readonly pipeline: Promise<WorkerPipeline>;
  /** How much has arrived, and who is told: the one who asked last. */
  readonly download: { progress?: LoadProgress; onProgress?: ((progress: LoadProgress) => void) | undefined };
}

/** Models that stay ready; the one used longest ago makes way. */
const KEPT = 2;

/** What the shipped classifier knows. */
const IMAGE_SIZE = 28;
const CLASSES = 10;

const tasks: { readonly [K in TaskName]: Task<K> } = { sample, guidanceMap, interpolate, inpaint, edit };

/** How the library calls a device. */
export const deviceOptions = (device: DeviceName) =>
  ({ device: device === 'wasm' ? 'cpu' : device, wasmPaths }) as const;

/** What the page draws with: its models and the classifier, all in one worker. */
export class Engine {
  readonly #worker = new DiffusionWorker();
  readonly #pipelines = new Map<string, OpenedPipeline>();
  readonly #classifiers = new Map<DeviceName, Promise<WorkerClassifier>>();
  readonly #warm = new WeakSet<WorkerPipeline>();

  /**
   * Loads a model, and tells what it is and where it computes.
   *
   * @param onProgress told how much of a model that is downloaded has arrived
   * @throws CheckpointError for bytes that are no model, and as `WorkerPipeline.load`
   */
  async open(setup: Setup, onProgress?: (progress: LoadProgress) => void): Promise<EngineInfo> {
    const { info } = await this.#pipelineFor(setup, onProgress);
    const { classes, imageSize, imageChannels } = info.model;
    return { ...info, classes, imageSize, channels: imageChannels };
  }

  /** Does what a view asks for. */
  async run<K extends TaskName>(
    task: K,
    setup: Setup,
    settings: Tasks[K]['settings'],
    { onProgress, signal }: RunOptions<K>,
  ): Promise<Tasks[K]['result']> {
    const pipeline = await this.#pipelineFor(setup);
    const classify = await this.#classifyFor(setup.device, pipeline);
    signal.throwIfAborted();
    const context = { pipeline, classify, report: onProgress, signal };
    const result = await (tasks[task] as Task<K>)(settings, context);
    void this.#warmUp(pipeline, classify);
    return result;
  }

  #pipelineFor({ model, device }: Setup, onProgress?: (progress: LoadProgress) => void): Promise<WorkerPipeline> {
    const key = `${device} ${model.id}`;
    const opened = this.#pipelines.get(key) ?? this.#begin(model, device);
    const { pipeline, download } = opened;
    if (onProgress !== undefined) {
      download.onProgress = onProgress;
      const { progress } = download;
      if (progress !== undefined && progress.loaded !== progress.total) onProgress(progress);
    }
    this.#pipelines.delete(key);
    this.#pipelines.set(key, opened);
    // The next who asks for it tries again.
    pipeline.catch(() => {
      if (this.#pipelines.get(key) === opened) this.#pipelines.delete(key);
    });
    for (const [oldest, unused] of [...this.#pipelines].slice(0, -KEPT)) {
      this.#pipelines.delete(oldest);
      unused.pipeline.then(
        (each) => {
          each.dispose();
        },
        () => undefined,
      );
    }
    return pipeline;
  }

  #begin(model: ModelReference, device: DeviceName): OpenedPipeline {
    const download: OpenedPipeline['download'] = {};
    const onProgress = (progress: LoadProgress): void => {
      download.progress = progress;
      download.onProgress?.(progress);
    };
    const options = { ...deviceOptions(device), on: this.#worker, warmUp: false, cache: false, onProgress };
    return { pipeline: load(model, options), download };
  }

  async #classifyFor(device: DeviceName, { info }: WorkerPipeline): Promise<Classify | undefined> {
    const { imageSize, classes, imageChannels } = info.model;
    if (imageSize !== IMAGE_SIZE || classes !== CLASSES || imageChannels !== 1) return undefined;
    // The models in the package do not say what they were trained on: it was digits.
    if (info.trainedOn !== undefined && !areKnownDigits(info.trainedOn)) return undefined;
    const loading =
      this.#classifiers.get(device) ??
      WorkerClassifier.load('evaluator', { ...deviceOptions(device), on: this.#worker });
    this.#classifiers.set(device, loading);
    loading.catch(() => this.#classifiers.delete(device));
    const classifier = await loading;
    const [height, width] = [imageSize, imageSize];
    return async (images, signal) =>
      (await classifier.classify({ images, height, width }, signal && { signal })).probabilities;
  }

  /** After what the page opens with: a single digit asked for next finds everything compiled. */
  async #warmUp(pipeline: WorkerPipeline, classify: Classify | undefined): Promise<void> {
    if (this.#warm.has(pipeline)) return;
    this.#warm.add(pipeline);
    const { imageSize } = pipeline.info.model;
    try {
      await pipeline.warmUp();
      await classify?.(new Uint8Array(imageSize ** 2));
    } catch {
      // What is wrong shows when it is drawn with.
    }
  }
}

/** Loads a model; what is wrong with a file is told by the file's name. */
async function load({ id, title, bytes }: ModelReference, options: WorkerPipelineOptions): Promise<WorkerPipeline> {
  try {
    return await WorkerPipeline.load(bytes ?? id, options);
  } catch (error) {
    if (bytes === undefined || !(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(error.message.replace(/^the model\b/, title), { cause: error });
  }
}
