import type { FailureKind } from './failure.js';
import type { SamplerName, TimestepSpacing } from 'ts-diffusion/diffusion';
import type { TrainConfig } from 'ts-diffusion/train';

/** What the page asks of the worker, and what comes back. Images are [N, H, W] bytes, 0..255. */

export type DeviceChoice = 'auto' | 'wasm' | 'webgpu';

/** Where a model's weights are. The worker keeps what it has loaded, by `id`. */
export interface ModelReference {
  readonly id: string;
  /** Its name for people. */
  readonly title: string;
  readonly url?: string;
  readonly bytes?: Uint8Array;
}

/** What every task that needs a model is told. */
export interface Setup {
  readonly device: DeviceChoice;
  readonly model: ModelReference;
  /** The classifier, where one is shipped. */
  readonly evaluatorUrl?: string | undefined;
}

export interface EngineInfo {
  readonly device: 'wasm' | 'webgpu';
  readonly threads: number;
  /** Why it is not the device one would wish for. */
  readonly note?: string;
  readonly parameters: number;
  readonly classes: number;
  readonly imageSize: number;
  readonly timesteps: number;
  readonly schedule: string;
  readonly prediction: string;
}

export interface SampleSettings {
  /** -1: without a class. */
  readonly labels: readonly number[];
  readonly omega: number;
  readonly seed: number;
  readonly sampler: SamplerName;
  /** 0: all T. */
  readonly steps: number;
  /** How the timesteps visited are spread. */
  readonly spacing: TimestepSpacing;
}

/** One moment of the reverse process. */
export interface Frame {
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  readonly x: Uint8Array;
  readonly predictedX0: Uint8Array;
  /** What the classifier makes of the predicted image: [N, classes]. */
  readonly probabilities?: Float32Array;
}

/** Finished images. */
export interface Drawn {
  readonly images: Uint8Array;
  readonly labels: readonly number[];
  readonly probabilities?: Float32Array;
}

/** Images to start from [N, H, W], and what they shall become. */
export interface GivenImages extends SampleSettings {
  readonly images: Uint8Array;
}

export interface MapCell {
  readonly row: number;
  readonly column: number;
  /** Mean probability that the classifier gives to the class asked for. */
  readonly confidence: number;
  readonly images: Uint8Array;
}

export interface DownloadProgress {
  readonly loaded: number;
  readonly total: number;
}

/** A training in the page. */
export interface TrainTask {
  readonly device: DeviceChoice;
  /** Address of the page. */
  readonly base: string;
  readonly title: string;
  readonly digits: readonly number[];
  readonly preset: string;
  readonly config: Partial<TrainConfig>;
  /** A checkpoint to go on from; its configuration is then the one that counts, but for the number of steps. */
  readonly resume?: Uint8Array | undefined;
  /** Revision of the kept training that this one replaces. */
  readonly revision: string | undefined;
  readonly losses: readonly (readonly [step: number, loss: number])[];
}

export type TrainProgress =
  | {
      readonly type: 'started';
      readonly step: number;
      readonly steps: number;
      readonly parameters: number;
      readonly images: number;
      readonly threads: number;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly milliseconds: number;
    }
  | { readonly type: 'saved'; readonly step: number }
  /** One image of each digit trained on, [N, H, W]. */
  | { readonly type: 'samples'; readonly step: number; readonly images: Uint8Array };

export interface TrainResult {
  readonly step: number;
  readonly finished: boolean;
}

/** Every task with its input, what it reports on the way, and its result. */
export interface Tasks {
  open: { input: Setup; progress: DownloadProgress; result: EngineInfo };
  sample: { input: Setup & SampleSettings; progress: Frame; result: { milliseconds: number } };
  guidanceMap: {
    input: Setup & Omit<SampleSettings, 'omega' | 'steps'> & { omegas: readonly number[]; steps: readonly number[] };
    progress: MapCell;
    result: null;
  };
  interpolate: {
    input: Setup &
      Pick<SampleSettings, 'omega' | 'sampler' | 'steps'> & {
        from: { label: number; seed: number };
        to: { label: number; seed: number };
        /** Images in all. */
        frames: number;
      };
    progress: Frame;
    result: Drawn;
  };
  /** `mask` [H, W]: not 0 where to draw. */
  inpaint: { input: Setup & GivenImages & { mask: Uint8Array }; progress: Frame; result: Drawn };
  /** `strength`: how far to noise the images first, above 0 to 1. */
  edit: { input: Setup & GivenImages & { strength: number }; progress: Frame; result: Drawn };
  train: { input: TrainTask; progress: TrainProgress; result: TrainResult };
}

export type TaskName = keyof Tasks;

export type Request =
  | { readonly [K in TaskName]: { readonly id: number; readonly task: K; readonly input: Tasks[K]['input'] } }[TaskName]
  | { readonly id: number; readonly task: 'cancel' };

export type Response =
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: { readonly kind: FailureKind; readonly message: string } }
  /** The worker lives as long as it holds this lock. */
  | { readonly id: 0; readonly lock: string };
