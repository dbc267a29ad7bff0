import type { TrainingImages } from '../data/dataset.js';
import type { ToneCurve } from '../diffusion/tone-curve.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Runtime } from '../runtime/types.js';
import { count, options, signature } from '../utils/arguments.js';
import { trainConfig } from '../utils/training-shapes.js';
import type { Checkpoint } from './checkpoint-format.js';
import type { TrainConfig } from './config.js';

/** What a tone curve is fitted for. */
export interface ToneCurveFit {
  readonly step: number;
  readonly config: TrainConfig;
  readonly model: DenoiserConfig;
  /** The averaged weights. */
  readonly parameters: Float32Array;
  /** Those trained on. */
  readonly images: TrainingImages;
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
}

/** How far the drawing of the images for a tone curve is. */
export interface ToneCurveEvent {
  readonly type: 'tone-curve';
  readonly step: number;
  /** Images drawn; of those of the batch at hand the share of its steps that are done. */
  readonly done: number;
  readonly total: number;
}

/** Fits the curve of a trained network; returns undefined where the signal was aborted meanwhile. */
export type FitToneCurve = (fit: ToneCurveFit) => AsyncGenerator<ToneCurveEvent, ToneCurve | undefined, void>;

/** What decides a curve besides the weights. */
const deciding = ['toneCurve', 'sampler', 'samplingSteps', 'spacing', 'guidanceWeight'] as const;

/** The curve of a checkpoint, where its run is continued with a configuration that asks for the same. */
export function keptToneCurve(resume: Checkpoint | undefined, config: TrainConfig): ToneCurve | undefined {
  return deciding.every((field) => resume?.config[field] === config[field]) ? resume?.toneCurve : undefined;
}

const needsToneCurveArguments = signature('needsToneCurve', {
  checkpoint: options({ step: count, config: trainConfig }),
});

/** Whether a training has taken all its steps, and still lacks the curve that its configuration asks for. */
export function needsToneCurve(checkpoint: Pick<Checkpoint, 'step' | 'config' | 'toneCurve'>): boolean {
  needsToneCurveArguments({ checkpoint });
  const { step, config, toneCurve } = checkpoint;
  return step >= config.steps && config.toneCurve > 0 && toneCurve === undefined;
}
