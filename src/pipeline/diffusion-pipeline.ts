import { NULL_LABEL, type Denoiser } from '../diffusion/denoiser.js';
import { withGuidance } from '../diffusion/guidance.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import { evenlySpacedTimesteps } from '../diffusion/timesteps.js';
import { asEpsilon, asX0, type PredictionType } from '../diffusion/prediction.js';
import { NoiseSource } from '../diffusion/noise-source.js';
import { samplers, type SamplerName, type SamplerOptions, type SamplerState } from '../diffusion/samplers/index.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { DeviceName, Runtime } from '../runtime/types.js';
import { ConfigError } from '../utils/errors.js';
import { toBytes } from '../utils/image-grid.js';
import { LARGEST_BATCH, splitEvenly } from './batches.js';
import { CompiledDenoiser } from './compiled-denoiser.js';

/** Where a pipeline runs, and which of the checkpoint's weights it uses. */
export interface PipelineOptions {
  readonly device?: Exclude<DeviceName, 'wasm'>;
  /** Intra-op threads; 0 or absent: one per physical core the process may use. */
  readonly threads?: number;
  /** The averaged weights (default), or with `false` those of the last training step. */
  readonly ema?: boolean;
  /** Told when a run's newest checkpoint is damaged and the one before it is used. */
  readonly onMessage?: (text: string) => void;
}

/** A trained network with what is needed to sample from it. */
export interface PipelineModel {
  readonly model: DenoiserConfig;
  /** Flat parameter vector in the order of `denoiserParameters(model)`. */
  readonly parameters: Float32Array;
  readonly schedule: NoiseSchedule;
  /** What the network predicts; default the noise ε. */
  readonly prediction?: PredictionType;
  /** How many timesteps sampling visits unless asked otherwise; 0 or absent: all. */
  readonly samplingSteps?: number;
  /** Guidance weight ω unless asked otherwise; default 0.2, the paper's. */
  readonly guidanceWeight?: number;
}

/** What to sample, and how. */
export interface SampleOptions extends SamplerOptions {
  /** One label per image, in order: 0..classes-1, or `NULL_LABEL` for an image without a class. */
  readonly labels: ArrayLike<number>;
  /** Guidance weight ω >= 0 (equation 6), default as the model was configured. Other programs' guidance scale is s = 1 + ω. */
  readonly omega?: number;
  /** Seed 0..2^53-1, default 0. Image i of a seed draws the same noise at any batch size. */
  readonly seed?: number;
  /** Most images sampled together, 1..256; default 128. */
  readonly batchSize?: number;
  readonly sampler?: SamplerName;
  /** How many of the T timesteps to visit, evenly spaced; 0: all. Default: as the model was configured. */
  readonly samplingSteps?: number;
}

/** One step of the sampler for one batch of the images asked for. */
export interface PipelineState extends SamplerState {
  /** Index, among all images asked for, of the batch's first image; the batch has `count` images. */
  readonly first: number;
  readonly count: number;
  /** Images asked for in all. */
  readonly total: number;
}

/** Finished images with their labels. */
export interface GeneratedImages {
  /** [N, H, W], 0 (black) to 255 (white). */
  readonly images: Uint8Array;
  readonly labels: Int32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A trained model ready to sample: checkpoint, noise schedule, guidance and sampler put together on one device.
 *
 *     const pipeline = await DiffusionPipeline.load('runs/quick');
 *     const { images } = await pipeline.generate({ labels: [3, 1, 4] });
 *     await pipeline.dispose();
 */
export class DiffusionPipeline {
  readonly runtime: Runtime;
  readonly model: DenoiserConfig;
  readonly parameters: Float32Array;
  readonly schedule: NoiseSchedule;
  /** How many timesteps sampling visits unless asked otherwise; 0: all. */
  readonly samplingSteps: number;
  /** Guidance weight ω unless asked otherwise. */
  readonly guidanceWeight: number;
  /** What the network itself predicts. */
  readonly prediction: PredictionType;
  /** The network's prediction of the noise ε, without guidance. Labels may be `NULL_LABEL`. */
  readonly predict: Denoiser;
  readonly #denoiser: CompiledDenoiser;

  constructor(
    runtime: Runtime,
    { model, parameters, schedule, prediction = 'epsilon', samplingSteps = 0, guidanceWeight = 0.2 }: PipelineModel,
  ) {
    this.runtime = runtime;
    this.model = model;
    this.parameters = parameters;
    this.schedule = schedule;
    this.samplingSteps = samplingSteps;
    this.guidanceWeight = guidanceWeight;
    this.#denoiser = new CompiledDenoiser(runtime, model, parameters);
    this.predict = asEpsilon(this.#denoiser.predict, prediction, schedule);
    this.prediction = prediction;
  }

  /**
   * Loads a checkpoint file, or the newest checkpoint of a run folder, onto a device of this machine (Node only).
   *
   * @throws CheckpointError when there is no usable checkpoint, RuntimeError when the device is not there
   */
  static async load(checkpointOrRunFolder: string, options: PipelineOptions = {}): Promise<DiffusionPipeline> {
    // Imported here so that the class itself works in a browser, where neither exists.
    const { loadCheckpoint } = await import('./load-model.js');
    const { pipelineModel } = await import('./pipeline-model.js');
    const { createNodeRuntime } = await import('../runtime/node.js');
    const { device = 'cpu', threads = 0, ema = true, onMessage } = options;
    const model = pipelineModel(loadCheckpoint(checkpointOrRunFolder, onMessage), ema);
    const runtime = await createNodeRuntime(threads === 0 ? { device } : { device, threads });
    return new DiffusionPipeline(runtime, model);
  }

  /**
   * The timesteps that sampling visits, T first.
   *
   * @param steps how many; 0: all; default: as the model was configured
   * @throws ConfigError if there are not that many
   */
  samplingTimesteps(steps = this.samplingSteps): number[] {
    const { timesteps } = this.schedule;
    return evenlySpacedTimesteps(timesteps, steps === 0 ? timesteps : steps);
  }

  /**
   * Samples the images asked for, batch after batch, yielding every intermediate state of every batch.
   *
   * @throws ConfigError for a label, ω, seed or batch size out of range
   */
  async *sample(options: SampleOptions): AsyncGenerator<PipelineState> {
    const { seed = 0, batchSize = 128, omega = this.guidanceWeight, sampler = 'ddpm' } = options;
    const labels = this.#checkLabels(options.labels);
    check('seed', seed, Number.isSafeInteger(seed) && seed >= 0, 'an integer from 0 to 2^53-1');
    check('batchSize', batchSize, isBatchSize(batchSize), `an integer from 1 to ${LARGEST_BATCH}`);

    const { imageChannels, imageSize } = this.model;
    const timesteps = options.timesteps ?? this.samplingTimesteps(options.samplingSteps);
    const guided = asX0(withGuidance(this.#denoiser.predict, omega), this.prediction, this.schedule);
    for (const { first, count } of splitEvenly(labels.length, batchSize)) {
      const noise = new NoiseSource(seed, first, count, imageChannels * imageSize * imageSize);
      const start = {
        x: { shape: [count, imageChannels, imageSize, imageSize], data: noise.next() } as const,
        labels: labels.subarray(first, first + count),
        noise,
      };
      for await (const state of samplers[sampler](guided, this.schedule, start, { ...options, timesteps })) {
        yield { ...state, first, count, total: labels.length };
      }
    }
  }

  /**
   * Samples the images asked for and returns them finished.
   *
   * @param onState called with every intermediate state, for progress or a film strip
   * @throws ConfigError as `sample` does
   */
  async generate(options: SampleOptions, onState?: (state: PipelineState) => void): Promise<GeneratedImages> {
    const { imageChannels, imageSize } = this.model;
    const pixels = imageChannels * imageSize * imageSize;
    const images = new Uint8Array(options.labels.length * pixels);
    for await (const state of this.sample(options)) {
      onState?.(state);
      if (state.step === state.steps) images.set(toBytes(state.x), state.first * pixels);
    }
    const labels = Int32Array.from(options.labels);
    return { images, labels, count: labels.length, height: imageSize, width: imageSize };
  }

  /** Frees the compiled graphs. */
  async dispose(): Promise<void> {
    await this.#denoiser.dispose();
  }

  #checkLabels(labels: ArrayLike<number>): Int32Array {
    const { classes } = this.model;
    for (const label of Array.from(labels)) {
      const known = Number.isInteger(label) && label >= 0 && label < classes;
      check(
        'label',
        label,
        known || label === NULL_LABEL,
        `0..${classes - 1}, the classes of this model, or ${NULL_LABEL} for no class`,
      );
    }
    return Int32Array.from(labels);
  }
}

function isBatchSize(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_BATCH;
}

function check(name: string, value: number, valid: boolean, expected: string): void {
  if (!valid) throw new ConfigError(`${name} is ${value}; expected ${expected}.`);
}
