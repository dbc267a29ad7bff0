import { fillDropoutMask } from '../nn/dropout.js';
import type { ParameterLayout } from '../nn/parameters.js';
import { floatFeed } from '../runtime/float-feed.js';
import type { Runtime } from '../runtime/types.js';
import { Purpose, RandomStream } from '../utils/random.js';
import type { AdamOptions } from './optimizer.js';
import type { OptimizerName } from './optimizer-names.js';
import { OptimizerSession, type StepScalars, type TrainState } from './optimizer-session.js';
import { denoisingObjective, type DenoisingObjectiveOptions } from './denoising-objective.js';

/** A batch as the network sees it. */
export interface TrainBatch {
  /** x_t [B, C, H, W] */
  readonly noisyImages: Float32Array;
  /** [B], in 1..T */
  readonly timesteps: Float32Array;
  /** [B]; `NULL_LABEL` where the label is dropped */
  readonly labels: Int32Array;
  /** What the network should give: ε, or as `predictionTarget` says [B, C, H, W] */
  readonly target: Float32Array;
  /** Guidance weights ω [B], given exactly where the network takes them. */
  readonly guidanceWeights?: Float32Array;
  /** Factor of each image's loss [B], given exactly where the session is `weighted`. */
  readonly weights?: Float32Array;
}

export interface TrainSessionOptions extends Omit<DenoisingObjectiveOptions, 'hasDropout'>, Partial<AdamOptions> {
  /** Probability with which an activation inside a residual block is dropped, and the seed of what is; default none. */
  readonly dropout?: { readonly probability: number; readonly seed: number };
  /** Default: adam. */
  readonly optimizer?: OptimizerName;
}

/** Lines 6 to 8 of Algorithm 1, loss, gradient and update, compiled for one device, with the state there. */
export class TrainSession {
  readonly #session: OptimizerSession;
  readonly #options: TrainSessionOptions;
  readonly #dropoutMask: Float32Array;

  private constructor(
    /** Which parameter lies where in the flat vectors. */
    readonly layout: ParameterLayout,
    session: OptimizerSession,
    options: TrainSessionOptions,
    dropoutMaskSize: number,
  ) {
    this.#session = session;
    this.#options = options;
    this.#dropoutMask = new Float32Array(dropoutMaskSize);
  }

  /** @throws RangeError if dropout is asked for and the network has none */
  static async create(runtime: Runtime, options: TrainSessionOptions): Promise<TrainSession> {
    const hasDropout = (options.dropout?.probability ?? 0) > 0;
    const objective = denoisingObjective({ ...options, hasDropout });
    const session = await OptimizerSession.create(runtime, objective, { ...options, name: 'train_step' });
    return new TrainSession(objective.layout, session, options, objective.dropoutMaskSize);
  }

  /** Must be called before the first step. */
  writeState(state: TrainState): void {
    this.#session.writeState(state);
  }

  /** A copy of one of the state's vectors, as it is after the last step. */
  async readVector(name: keyof TrainState): Promise<Float32Array> {
    return this.#session.readVector(name);
  }

  /** A copy of the state as it is after the last step. */
  async readState(): Promise<TrainState> {
    return this.#session.readState();
  }

  /** One gradient step. What is dropped is a function of the seed and `number`, that of the batch. @returns the loss before it */
  async step(batch: TrainBatch, scalars: StepScalars, number = scalars.step): Promise<number> {
    const { model, batchSize, dropout } = this.#options;
    const images = [batchSize, model.imageChannels, model.imageSize, model.imageSize];
    const mask = this.#dropoutMask;
    if (dropout !== undefined && mask.length > 0) {
      fillDropoutMask(mask, dropout.probability, new RandomStream(dropout.seed, Purpose.dropout, number));
    }
    return this.#session.step(
      {
        noisyImages: floatFeed(images, batch.noisyImages),
        target: floatFeed(images, batch.target),
        timesteps: floatFeed([batchSize], batch.timesteps),
        labels: floatFeed([batchSize], Float32Array.from(batch.labels)),
        ...(batch.guidanceWeights ? { guidance: floatFeed([batchSize], batch.guidanceWeights) } : {}),
        ...(batch.weights ? { weights: floatFeed([batchSize], batch.weights) } : {}),
        ...(mask.length > 0 ? { dropoutMask: floatFeed([mask.length], mask) } : {}),
      },
      scalars,
    );
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}
