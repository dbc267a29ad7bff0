import type { Classified, ClassifierImages } from '../classifier/classifier.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import type { Dataset } from '../data/dataset.js';
import type { DeviceOptions } from '../diagnostics/choose-runtime.js';
import type { BatchSizes } from '../runtime/batch-sizes.js';
import type { LoadProgress, ModelSource } from '../pipeline/model-source.js';
import type { EncodedImages } from '../pipeline/encode-images.js';
import type { GeneratedImages, PipelineState } from '../pipeline/run-plan.js';
import type {
  EditOptions,
  EncodeOptions,
  InpaintOptions,
  InterpolateOptions,
  SampleOptions,
} from '../pipeline/sample-options.js';
import type { TrainConfigLayer } from '../training/config.js';
import type { TrainPreset } from '../training/presets.js';
import type { WorkerModelInfo } from './model-info.js';
import type { WorkerTrainingEvent } from './training-event.js';
import type { TransferredError } from './transferred-error.js';

/** A model for the worker to load. The worker keeps it under `key` until that is closed. */
export interface OpenModel {
  readonly key: number;
  /** An address as text. */
  readonly source: Exclude<ModelSource, URL>;
  readonly device: DeviceOptions;
  readonly batchSizes: BatchSizes;
  /** Whether to warm up for one image. */
  readonly warmUp: boolean;
  readonly sampling: ModelSampling | undefined;
  readonly ema: boolean | undefined;
  readonly cache: boolean | undefined;
  readonly modelsUrl: string | undefined;
}

/** A classifier for the worker to load, beside the models. */
export interface OpenClassifier {
  readonly key: number;
  readonly source: string;
  readonly device: DeviceOptions;
}

/** What a pipeline draws, by the name of its method. */
export interface Drawings {
  generate: { options: SampleOptions; result: GeneratedImages };
  edit: { options: EditOptions; result: GeneratedImages };
  inpaint: { options: InpaintOptions; result: GeneratedImages };
  interpolate: { options: InterpolateOptions; result: GeneratedImages };
  encode: { options: EncodeOptions; result: EncodedImages };
}

/** A drawing asked for. */
export type Draw = {
  [Method in keyof Drawings]: {
    readonly key: number;
    readonly method: Method;
    readonly options: Drawings[Method]['options'];
    /** Whether the states on the way are to be sent. */
    readonly states: boolean;
  };
}[keyof Drawings];

/** A training asked for. */
export interface Train {
  readonly preset: TrainPreset;
  readonly config: TrainConfigLayer;
  readonly dataset: Dataset | undefined;
  readonly checkpoint: Uint8Array | undefined;
  readonly runFolder: string | undefined;
  readonly samples: SampleOptions | undefined;
  readonly device: DeviceOptions;
}

/** Everything that is asked of a worker: what it is told, what it reports on the way, and what comes of it. */
export interface Tasks {
  open: { input: OpenModel; progress: LoadProgress; result: WorkerModelInfo };
  warmUp: { input: { readonly key: number; readonly images: number }; progress: never; result: null };
  draw: { input: Draw; progress: PipelineState; result: GeneratedImages | EncodedImages };
  openClassifier: { input: OpenClassifier; progress: never; result: null };
  classify: { input: { readonly key: number; readonly images: ClassifierImages }; progress: never; result: Classified };
  /** Of a model or a classifier. */
  close: { input: { readonly key: number }; progress: never; result: null };
  train: { input: Train; progress: WorkerTrainingEvent; result: null };
}

/** The name of a task. */
export type TaskName = keyof Tasks;

/** What the caller sends. */
export type ToWorker =
  /** First of all: where modules are that a worker's own imports do not find, because it has no import map. */
  | { readonly type: 'begin'; readonly modules: Readonly<Record<string, string>> }
  | {
      readonly [Name in TaskName]: {
        readonly type: 'call';
        readonly id: number;
        readonly task: Name;
        readonly input: Tasks[Name]['input'];
      };
    }[TaskName]
  | { readonly type: 'cancel'; readonly id: number }
  /** The caller has dealt with what was reported, and waits for more; or, with `last`, will not listen any longer. */
  | { readonly type: 'next'; readonly id: number; readonly last: boolean };

/** What the worker sends. */
export type FromWorker =
  /** The worker lives as long as it holds this lock (browsers, which do not tell when a worker ends). */
  | { readonly type: 'lock'; readonly name: string }
  | { readonly type: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: TransferredError };
