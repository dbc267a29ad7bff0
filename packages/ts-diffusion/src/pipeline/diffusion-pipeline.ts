import type { Network } from '../diffusion/denoiser.js';
import { NoiseSource } from '../diffusion/noise-source.js';
import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import type { PredictionType } from '../diffusion/prediction.js';
import type { ToneCurve } from '../diffusion/tone-curve.js';
import type { SamplerChoice, WithSampler } from '../diffusion/samplers/sampler-choice.js';
import type { ModelSampling } from '../diffusion/sampling-schema.js';
import { largestGuidanceWeightOf, type DenoiserConfig } from '../models/denoiser-network.js';
import type { BatchSizes } from '../runtime/batch-sizes.js';
import type { RuntimeOptions } from '../runtime/options.js';
import type { Runtime } from '../runtime/types.js';
import { readModel } from '#platform/model-source.js';
import { createRuntime } from '#platform/runtime.js';
import { loadOptions, modelSource } from '../utils/argument-shapes.js';
import { count, positiveCount, signature } from '../utils/arguments.js';
import { CompiledDenoiser } from './compiled-denoiser.js';
import { pixelsOf, type DrawableModel } from './drawable-model.js';
import { encodeImages, type EncodedImages } from './encode-images.js';
import type { ModelSource, ReadModelOptions } from './model-source.js';
import type { PipelineModel } from './pipeline-model.js';
import { planEdit } from './plan-edit.js';
import { planInpainting } from './plan-inpainting.js';
import { planInterpolation } from './plan-interpolation.js';
import { drawnSampling, planSampling } from './plan-sampling.js';
import { planStates, runPlan, type GeneratedImages, type PipelineState, type RunOptions } from './run-plan.js';
import type {
  EditOptions,
  EncodeOptions,
  InpaintOptions,
  InterpolateOptions,
  SampleOptions,
} from './sample-options.js';
import { UNKNOWN_ORIGIN, type WeightsOrigin } from './weights-origin.js';

/** Where a pipeline runs, and how its model is read. */
export interface PipelineOptions extends RuntimeOptions, ReadModelOptions {
  /**
   * Default sampling, in place of that of the file or the package. `edit` and `inpaint` go by it
   * too, with a sampler that adds noise (docs/sampling.md); `interpolate` and `encode` have samplers of their own.
   */
  readonly sampling?: ModelSampling | undefined;
  /** See `BatchSizes`; default: every batch is run as it is. */
  readonly batchSizes?: BatchSizes | undefined;
}

const loadArguments = signature('DiffusionPipeline.load', { source: modelSource, options: loadOptions });
const warmUpArguments = signature('pipeline.warmUp', { images: positiveCount });
const initialNoiseArguments = signature('pipeline.initialNoise', { seed: count, index: count });

/**
 * A trained model ready to sample on one device: a `DrawableModel` with one method for each way of drawing, each of which plans
 * (`planSampling` and the like) and runs the plan (`runPlan`).
 *
 *     const pipeline = await DiffusionPipeline.load('runs/quick');
 *     const { images } = await pipeline.generate({ labels: [3, 1, 4] });
 *     await pipeline.dispose();
 */
export class DiffusionPipeline implements DrawableModel {
  readonly runtime: Runtime;
  readonly model: DenoiserConfig;
  readonly parameters: Float32Array;
  readonly schedule: NoiseSchedule;
  readonly samplingSteps: number | undefined;
  readonly guidanceWeight: number | undefined;
  readonly sampling: ModelSampling | undefined;
  readonly prediction: PredictionType;
  /** What the grey levels of finished images become; undefined: they stay. */
  readonly toneCurve: ToneCurve | undefined;
  /** The classes that occurred in training, ascending: those that can be drawn. */
  readonly seenClasses: readonly number[];
  /** What the classes are called, by label; undefined where they have no names. */
  readonly classNames: readonly string[] | undefined;
  /** `Dataset.sha256` of the images that it was trained on; undefined where nobody knows. */
  readonly trainedOn: string | undefined;
  readonly origin: WeightsOrigin;
  /** The network's own prediction, without guidance. Labels may be `NULL_LABEL`. */
  readonly network: Network;
  /** The network at a guidance weight ω; undefined where it does not take one as an input. */
  readonly networkAt: ((guidanceWeight: number) => Network) | undefined;
  /** In how many steps a distilled model draws; undefined: in any number. */
  readonly drawingSteps: readonly number[] | undefined;
  readonly #compiled: CompiledDenoiser;

  /**
   * A pipeline of a model in memory. Programs are compiled when a batch size is first drawn.
   *
   * @param origin where the weights come from; default: unknown
   * @param batchSizes that other batches are padded to; default: every batch is run as it is
   */
  constructor(
    runtime: Runtime,
    pipelineModel: PipelineModel,
    origin: WeightsOrigin = UNKNOWN_ORIGIN,
    batchSizes?: BatchSizes,
  ) {
    const { model, parameters, schedule, prediction = 'epsilon' } = pipelineModel;
    this.runtime = runtime;
    this.model = model;
    this.parameters = parameters;
    this.schedule = schedule;
    this.samplingSteps = pipelineModel.samplingSteps;
    this.guidanceWeight = pipelineModel.guidanceWeight;
    this.sampling = pipelineModel.sampling;
    this.prediction = prediction;
    this.toneCurve = pipelineModel.toneCurve;
    this.seenClasses = pipelineModel.seenClasses ?? Array.from({ length: model.classes }, (_, label) => label);
    this.classNames = pipelineModel.classNames;
    this.trainedOn = pipelineModel.trainedOn;
    this.origin = origin;
    this.#compiled = new CompiledDenoiser(runtime, model, parameters, batchSizes);
    this.network = this.#compiled.network;
    this.networkAt =
      largestGuidanceWeightOf(model) === undefined ? undefined : (weight) => this.#compiled.networkAt(weight);
    this.drawingSteps = pipelineModel.drawingSteps;
  }

  /**
   * Loads a model onto a device of this machine: one of the package by its name, a checkpoint or an exported model by its path,
   * address or bytes, or the newest checkpoint of a run folder.
   *
   * @throws RuntimeError when the device is not there, which is found out first; CheckpointError when there is no usable model,
   *   DataError when it cannot be downloaded, the signal's reason once it is aborted
   */
  static async load(source: ModelSource, options: PipelineOptions = {}): Promise<DiffusionPipeline> {
    loadArguments({ source, options });
    const { sampling, batchSizes, signal } = options;
    signal?.throwIfAborted();
    const runtime = await createRuntime(options);
    const { model, step, averaged } = await readModel(source, options);
    signal?.throwIfAborted();
    const drawnFrom = sampling === undefined ? model : { ...model, sampling };
    return new DiffusionPipeline(runtime, drawnFrom, { step, averaged }, batchSizes);
  }

  /** The noise x_T [C, H, W] that image `index` of a seed starts from. */
  initialNoise(seed: number, index: number): Float32Array {
    this.#compiled.refuseIfDisposed();
    initialNoiseArguments({ seed, index });
    return new NoiseSource(seed, index, 1, pixelsOf(this.model)).next();
  }

  /**
   * Samples the images asked for, batch after batch, yielding every intermediate state of every batch.
   *
   * @throws ConfigError for an option out of range
   */
  async *sample<const Choice extends SamplerChoice = SamplerChoice>(
    options: SampleOptions & WithSampler<Choice>,
    run?: Pick<RunOptions, 'signal'>,
  ): AsyncGenerator<PipelineState, void, void> {
    this.#compiled.refuseIfDisposed();
    yield* planStates(planSampling(this, options), run);
  }

  /**
   * Samples the images asked for and returns them finished.
   *
   * @throws as `planSampling` and `runPlan`
   */
  async generate<const Choice extends SamplerChoice = SamplerChoice>(
    options: SampleOptions & WithSampler<Choice>,
    run?: RunOptions,
  ): Promise<GeneratedImages> {
    this.#compiled.refuseIfDisposed();
    return await runPlan(planSampling(this, options), run);
  }

  /**
   * Images drawn again from a noised version of themselves: the more `strength`, the freer (SDEdit, Meng et al. 2022).
   *
   * @throws as `planEdit` and `runPlan`
   */
  async edit<const Choice extends SamplerChoice = SamplerChoice>(
    options: EditOptions & WithSampler<Choice>,
    run?: RunOptions,
  ): Promise<GeneratedImages> {
    this.#compiled.refuseIfDisposed();
    return await runPlan(planEdit(this, options), run);
  }

  /**
   * Images with the pixels under the mask drawn anew to fit the others.
   *
   * @throws as `planInpainting` and `runPlan`
   */
  async inpaint<const Choice extends SamplerChoice = SamplerChoice>(
    options: InpaintOptions & WithSampler<Choice>,
    run?: RunOptions,
  ): Promise<GeneratedImages> {
    this.#compiled.refuseIfDisposed();
    return await runPlan(planInpainting(this, options), run);
  }

  /**
   * Images between two.
   *
   * @throws as `planInterpolation` and `runPlan`
   */
  async interpolate<const Choice extends SamplerChoice = SamplerChoice>(
    options: InterpolateOptions & WithSampler<Choice>,
    run?: RunOptions,
  ): Promise<GeneratedImages> {
    this.#compiled.refuseIfDisposed();
    return await runPlan(planInterpolation(this, options), run);
  }

  /**
   * Images as the noise that `ddim` draws them from, with what it draws and how far that is off.
   *
   * @throws as `planEncoding` and `runPlan`
   */
  async encode(options: EncodeOptions, run?: RunOptions): Promise<EncodedImages> {
    this.#compiled.refuseIfDisposed();
    return await encodeImages(this, options, run);
  }

  /**
   * Compiles what drawing this many images at once needs, and runs it once, so that the first drawing does not wait for it.
   *
   * @param images as the model is guided unless asked otherwise: guidance doubles the batch
   */
  async warmUp(images = 1): Promise<void> {
    this.#compiled.refuseIfDisposed();
    warmUpArguments({ images });
    const isDoubled = this.networkAt === undefined && drawnSampling(this, {}).guidanceWeight > 0;
    const batch = isDoubled ? 2 * images : images;
    const { imageChannels, imageSize } = this.model;
    const shape = [batch, imageChannels, imageSize, imageSize] as const;
    const data = new Float32Array(batch * pixelsOf(this.model));
    await this.network({ shape, data }, new Float32Array(batch).fill(1), new Int32Array(batch));
  }

  /** Frees the compiled graphs. Later calls are refused with a DisposedError; disposing twice is fine. */
  async dispose(): Promise<void> {
    await this.#compiled.dispose();
  }
}
