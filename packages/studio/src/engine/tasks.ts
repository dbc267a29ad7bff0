import type { SamplingData } from 'ts-diffusion/diffusion';
import type { WorkerModelInfo } from 'ts-diffusion/worker';

/** What the page has the engine do, and what comes back. Images are [N, C, H, W] bytes, 0..255. */

/** As the address has it. */
export type DeviceName = 'auto' | 'wasm' | 'webgpu';

/** A model: one of the package by its id, or the visitor's own, by its bytes under an id of its own. */
export interface ModelReference {
  readonly id: string;
  /** Its name for people. */
  readonly title: string;
  readonly bytes?: Uint8Array;
}

/** What every task that needs a model is told. */
export interface Setup {
  readonly device: DeviceName;
  readonly model: ModelReference;
}

export interface EngineInfo extends WorkerModelInfo {
  readonly classes: number;
  readonly imageSize: number;
  readonly channels: number;
}

export interface SampleSettings {
  /** -1: without a class. */
  readonly labels: readonly number[];
  readonly sampling: SamplingData;
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

/** Images to start from [N, C, H, W], and what they shall become. */
export interface GivenImages extends SampleSettings {
  readonly images: Uint8Array;
}

export interface MapCell {
  readonly row: number;
  readonly column: number;
  /** Mean probability that the classifier gives to the class asked for; without it where there is no classifier for such images. */
  readonly confidence?: number;
  readonly images: Uint8Array;
}

/** Every task with its settings, what it reports on the way, and its result. */
export interface Tasks {
  sample: { settings: SampleSettings; progress: Frame; result: { milliseconds: number } };
  guidanceMap: {
    settings: SampleSettings & { guidanceWeights: readonly number[]; stepCounts: readonly number[] };
    progress: MapCell;
    result: null;
  };
  interpolate: {
    settings: Pick<SampleSettings, 'sampling'> & {
      from: { label: number; seed: number };
      to: { label: number; seed: number };
      /** Images in all. */
      frames: number;
    };
    progress: Frame;
    result: Drawn;
  };
  /** `mask` [H, W]: not 0 where to draw. */
  inpaint: { settings: GivenImages & { mask: Uint8Array }; progress: Frame; result: Drawn };
  /** `strength`: how far to noise the images first, above 0 to 1. */
  edit: { settings: GivenImages & { strength: number }; progress: Frame; result: Drawn };
}

export type TaskName = keyof Tasks;
