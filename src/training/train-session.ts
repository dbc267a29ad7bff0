import type { ParameterLayout } from '../nn/parameters.js';
import type { HostTensor, Runtime } from '../runtime/types.js';
import type { AdamOptions } from './optimizer.js';
import { OptimizerSession, type StepScalars, type TrainState } from './optimizer-session.js';
import { denoisingObjective, type DenoisingObjectiveOptions } from './train-step.js';

export type { TrainState } from './optimizer-session.js';

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
}

export interface TrainSessionOptions extends DenoisingObjectiveOptions, Partial<AdamOptions> {}

/** Lines 6 to 8 of Algorithm 1, loss, gradient and update, compiled for one device, with the state there. */
export class TrainSession {
  private constructor(
    /** Which parameter lies where in the flat vectors. */
    readonly layout: ParameterLayout,
    private readonly session: OptimizerSession,
    private readonly options: TrainSessionOptions,
  ) {}

  static async create(runtime: Runtime, options: TrainSessionOptions): Promise<TrainSession> {
    const objective = denoisingObjective(options);
    const session = await OptimizerSession.create(runtime, objective, { ...options, name: 'train_step' });
    return new TrainSession(objective.layout, session, options);
  }

  /** Must be called before the first step. */
  writeState(state: TrainState): void {
    this.session.writeState(state);
  }

  /** A copy of the state as it is after the last step. */
  async readState(): Promise<TrainState> {
    return this.session.readState();
  }

  /** One gradient step. @returns the loss before it */
  async step(batch: TrainBatch, scalars: StepScalars): Promise<number> {
    const { model, batchSize } = this.options;
    const images = [batchSize, model.imageChannels, model.imageSize, model.imageSize];
    const float = (shape: readonly number[], data: Float32Array): HostTensor => ({ dtype: 'float32', shape, data });
    return this.session.step(
      {
        noisyImages: float(images, batch.noisyImages),
        target: float(images, batch.target),
        timesteps: float([batchSize], batch.timesteps),
        labels: float([batchSize], Float32Array.from(batch.labels)),
      },
      scalars,
    );
  }

  async dispose(): Promise<void> {
    await this.session.dispose();
  }
}
