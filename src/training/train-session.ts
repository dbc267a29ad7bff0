import type { UNetConfig } from '../models/unet.js';
import type { ParameterLayout } from '../nn/parameters.js';
import type { HostTensor, Program, Runtime } from '../runtime/types.js';
import { adamDefaults, adamScalars, type AdamOptions } from './optimizer.js';
import { buildTrainStep, nextOf, STATE_NAMES, type LossName } from './train-step.js';

/** Weights, Adam's moments and the weights' moving average, each a flat vector of the layout's size. */
export interface TrainState {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly ema: Float32Array;
}

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

export interface TrainSessionOptions {
  readonly model: UNetConfig;
  readonly batchSize: number;
  readonly loss: LossName;
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
}

/** A training step compiled for one device, with its state there. */
export class TrainSession {
  private constructor(
    /** Which parameter lies where in the flat vectors. */
    readonly layout: ParameterLayout,
    private readonly program: Program,
    private readonly options: TrainSessionOptions,
    private readonly adam: AdamOptions,
  ) {}

  static async create(runtime: Runtime, options: TrainSessionOptions): Promise<TrainSession> {
    const adam = { betas: options.betas ?? adamDefaults.betas, epsilon: options.epsilon ?? adamDefaults.epsilon };
    const { model, layout } = buildTrainStep({ ...options, adam, target: runtime.device });
    const states = STATE_NAMES.map((name) => ({ input: name, output: nextOf(name), shape: [layout.size] }));
    return new TrainSession(layout, await runtime.compile({ model, states }), options, adam);
  }

  /** Must be called before the first step. */
  writeState(state: TrainState): void {
    for (const name of STATE_NAMES) this.program.writeState(name, state[name]);
  }

  /** A copy of the state as it is after the last step. */
  async readState(): Promise<TrainState> {
    const [parameters, firstMoment, secondMoment, ema] = await Promise.all([
      this.program.readState('parameters'),
      this.program.readState('firstMoment'),
      this.program.readState('secondMoment'),
      this.program.readState('ema'),
    ]);
    return { parameters, firstMoment, secondMoment, ema };
  }

  /**
   * One gradient step. @returns the loss before it
   * @param scalars `step` is 1 for the first step; `emaDecay` is in [0, 1]
   */
  async step(
    batch: TrainBatch,
    { step, learningRate, emaDecay }: { step: number; learningRate: number; emaDecay: number },
  ): Promise<number> {
    const { model, batchSize } = this.options;
    const images = [batchSize, model.imageChannels, model.imageSize, model.imageSize];
    const float = (shape: readonly number[], data: Float32Array): HostTensor => ({ dtype: 'float32', shape, data });
    const number = (value: number): HostTensor => float([], Float32Array.of(value));
    const { stepSize, correctedEpsilon } = adamScalars(step, learningRate, this.adam);
    const { loss } = await this.program.run({
      noisyImages: float(images, batch.noisyImages),
      target: float(images, batch.target),
      timesteps: float([batchSize], batch.timesteps),
      labels: float([batchSize], Float32Array.from(batch.labels)),
      stepSize: number(stepSize),
      correctedEpsilon: number(correctedEpsilon),
      emaRate: number(1 - emaDecay),
    });
    return Number(loss?.data[0]);
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}
