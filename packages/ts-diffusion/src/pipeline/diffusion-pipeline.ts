import type { Denoiser } from '../diffusion/denoiser.js';
import { guidanceTimesteps, resolveOmega, withGuidance } from '../diffusion/guidance.js';
import { NoiseSource } from '../diffusion/noise-source.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import { asEpsilon, asX0, type PredictionType } from '../diffusion/prediction.js';
import { samplers } from '../diffusion/samplers/index.js';
import { spacedTimesteps, type TimestepSpacing } from '../diffusion/timestep-spacing.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { BatchSizes } from '../runtime/batch-sizes.js';
import type { RuntimeOptions } from '../runtime/options.js';
import type { Runtime } from '../runtime/types.js';
import { toBytes } from '../utils/image-grid.js';
import { readModel } from '#platform/model-source.js';
import { createRuntime } from '#platform/runtime.js';
import {
  beginFromImages,
  beginFromNoise,
  beginInpainting,
  beginInterpolation,
  type BeginBatch,
} from './batch-starts.js';
import { splitEvenly } from './batches.js';
import { CompiledDenoiser } from './compiled-denoiser.js';
import { encodeImages } from './encode-images.js';
import type { ModelSource, ReadModelOptions } from './model-source.js';
import {
  checkLabels,
  checkSamplingOptions,
  type EditOptions,
  type EncodedImages,
  type EncodeOptions,
  type GeneratedImages,
  type InpaintOptions,
  type InterpolateOptions,
  type PipelineState,
  type SampleOptions,
  type SamplingOptions,
} from './sample-options.js';
import { UNKNOWN_ORIGIN, type WeightsOrigin } from './weights-origin.js';

export type { GeneratedImages, PipelineState, SampleOptions } from './sample-options.js';

/** Where a pipeline runs, and how its model is read. */
export interface PipelineOptions extends RuntimeOptions, ReadModelOptions {
  /** See `BatchSizes`; default: every batch is run as it is. */
  readonly batchSizes?: BatchSizes | undefined;
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

/** Told of every state, for progress or a film strip. */
export type OnState = (state: PipelineState) => void;

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
  readonly origin: WeightsOrigin;
  /** The network's prediction of the noise ε, without guidance. Labels may be `NULL_LABEL`. */
  readonly predict: Denoiser;
  readonly #denoiser: CompiledDenoiser;

  constructor(
    runtime: Runtime,
    { model, parameters, schedule, prediction = 'epsilon', samplingSteps = 0, guidanceWeight = 0.2 }: PipelineModel,
    origin: WeightsOrigin = UNKNOWN_ORIGIN,
    batchSizes?: BatchSizes,
  ) {
    this.runtime = runtime;
    this.model = model;
    this.parameters = parameters;
    this.schedule = schedule;
    this.samplingSteps = samplingSteps;
    this.guidanceWeight = guidanceWeight;
    this.#denoiser = new CompiledDenoiser(runtime, model, parameters, batchSizes);
    this.predict = asEpsilon(this.#denoiser.predict, prediction, schedule);
    this.prediction = prediction;
    this.origin = origin;
  }

  /**
   * Loads a model onto a device of this machine: one of the package by its name, a checkpoint or an exported model by its path,
   * address or bytes, or the newest checkpoint of a run folder.
   *
   * @throws CheckpointError when there is no usable model, DataError when it cannot be downloaded, RuntimeError when the device
   *   is not there, the signal's reason once it is aborted
   */
  static async load(source: ModelSource, options: PipelineOptions = {}): Promise<DiffusionPipeline> {
    const { batchSizes, signal } = options;
    const { model, step, averaged } = await readModel(source, options);
    const runtime = await createRuntime(options);
    signal?.throwIfAborted();
    return new DiffusionPipeline(runtime, model, { step, averaged }, batchSizes);
  }

  /**
   * The timesteps that sampling visits, T first.
   *
   * @param steps how many; 0: all; default: as the model was configured
   * @throws ConfigError if there are not that many
   */
  samplingTimesteps(steps = this.samplingSteps, spacing: TimestepSpacing = 'even'): number[] {
    return spacedTimesteps(this.schedule, steps === 0 ? this.schedule.timesteps : steps, spacing);
  }

  /** The guidance weight ω that the options come to. @throws ConfigError as `resolveOmega` does */
  guidanceWeightOf(options: SamplingOptions): number {
    return resolveOmega(options, this.guidanceWeight);
  }

  /** The network's prediction of x_0 with the guidance that the options ask for: what samplers take. */
  guidedDenoiser(options: SamplingOptions): Denoiser {
    const { guidanceInterval: levels, guidanceRescale: rescale } = options;
    const interval = levels && guidanceTimesteps(this.schedule, levels);
    const guided = withGuidance(this.#denoiser.predict, this.guidanceWeightOf(options), { interval, rescale });
    return asX0(guided, this.prediction, this.schedule);
  }

  /** The noise x_T [C, H, W] that image `index` of a seed starts from. */
  initialNoise(seed: number, index: number): Float32Array {
    return new NoiseSource(seed, index, 1, this.#pixels).next();
  }

  /**
   * Samples the images asked for, batch after batch, yielding every intermediate state of every batch.
   *
   * @throws ConfigError for an option out of range
   */
  sample(options: SampleOptions): AsyncGenerator<PipelineState> {
    return this.#run(options.labels, options, beginFromNoise);
  }

  /**
   * Samples the images asked for and returns them finished.
   *
   * @throws ConfigError as `sample` does
   */
  generate(options: SampleOptions, onState?: OnState): Promise<GeneratedImages> {
    return this.#finish(this.sample(options), options.labels, onState);
  }

  /**
   * Images drawn again from a noised version of themselves: the more `strength`, the freer (SDEdit, Meng et al. 2022).
   *
   * @throws ConfigError for images of another size, and as `sample` does
   */
  async edit(options: EditOptions, onState?: OnState): Promise<GeneratedImages> {
    const states = this.#run(options.labels, options, beginFromImages(this, options));
    return await this.#finish(states, options.labels, onState);
  }

  /**
   * Images with the pixels under the mask drawn anew to fit the others (see `withKnownPixels`). The option `resampling` makes
   * both agree better, at a cost.
   *
   * @throws ConfigError for images or a mask of another size, and as `sample` does
   */
  async inpaint(options: InpaintOptions, onState?: OnState): Promise<GeneratedImages> {
    const states = this.#run(options.labels, options, beginInpainting(this, options));
    return await this.#finish(states, options.labels, onState);
  }

  /**
   * Images between two: their noise turned into one another (`slerp`), and where their labels differ, the predictions for both
   * mixed. Each image has the label of the nearer end.
   *
   * @throws ConfigError for a sampler that adds noise, fewer than 2 frames, and as `sample` does
   */
  async interpolate(options: InterpolateOptions, onState?: OnState): Promise<GeneratedImages> {
    const { from, to, frames, sampler = 'ddim', spacing = 'log-snr' } = options;
    const begin = beginInterpolation(this, options);
    const labels = Array.from({ length: frames }, (_, i) => (2 * i < frames - 1 ? from.label : to.label));
    const states = this.#run(new Int32Array(frames).fill(from.label), { ...options, sampler, spacing }, begin);
    return await this.#finish(states, labels, onState);
  }

  /**
   * Images as the noise that `ddim` draws them from, with what it draws and how far that is off (see `invert`).
   *
   * @throws ConfigError for images of another size or a label that the model does not have
   */
  encode(options: EncodeOptions): Promise<EncodedImages> {
    return encodeImages(this, options);
  }

  /**
   * Compiles what drawing this many images at once needs, and runs it once, so that the first drawing does not wait for it.
   *
   * @param images as the model is guided unless asked otherwise: guidance doubles the batch
   */
  async warmUp(images = 1): Promise<void> {
    const batch = this.guidanceWeight > 0 ? 2 * images : images;
    const { imageChannels, imageSize } = this.model;
    const x = { shape: [batch, imageChannels, imageSize, imageSize] as const, data: new Float32Array(batch * this.#pixels) };
    await this.#denoiser.predict(x, new Float32Array(batch).fill(1), new Int32Array(batch));
  }

  /** Frees the compiled graphs. */
  async dispose(): Promise<void> {
    await this.#denoiser.dispose();
  }

  get #pixels(): number {
    return this.model.imageChannels * this.model.imageSize ** 2;
  }

  async *#run(wanted: ArrayLike<number>, options: SamplingOptions, begin: BeginBatch): AsyncGenerator<PipelineState> {
    const { seed = 0, firstImage = 0, batchSize = 128, sampler = 'ddpm', samplingSteps, spacing } = options;
    checkSamplingOptions(options);
    const labels = checkLabels(wanted, this.model.classes);
    const { imageChannels, imageSize } = this.model;
    const guided = this.guidedDenoiser(options);
    const visited = options.timesteps ?? this.samplingTimesteps(samplingSteps, spacing);
    for (const span of splitEvenly(labels.length, batchSize)) {
      const { first, count } = span;
      const noise = new NoiseSource(seed, firstImage + first, count, this.#pixels);
      const { x, denoiser = guided, timesteps = visited, noise: ofSteps = noise } = begin(span, noise);
      const start = {
        x: { shape: [count, imageChannels, imageSize, imageSize], data: x } as const,
        labels: labels.subarray(first, first + count),
        noise: ofSteps,
      };
      for await (const state of samplers[sampler](denoiser, this.schedule, start, { ...options, timesteps })) {
        yield { ...state, first, count, total: labels.length };
      }
    }
  }

  async #finish(
    states: AsyncIterable<PipelineState>,
    labels: ArrayLike<number>,
    onState?: OnState,
  ): Promise<GeneratedImages> {
    const { imageSize } = this.model;
    const images = new Uint8Array(labels.length * this.#pixels);
    for await (const state of states) {
      onState?.(state);
      if (state.step === state.steps) images.set(toBytes(state.x), state.first * this.#pixels);
    }
    return { images, labels: Int32Array.from(labels), count: labels.length, height: imageSize, width: imageSize };
  }
}
