import type { ParameterLayout } from '../nn/parameters.js';
import { floatFeed } from '../runtime/float-feed.js';
import type { HostTensor, Program, Runtime } from '../runtime/types.js';
import { adamDefaults, adamScalars, type AdamOptions } from './optimizer.js';
import type { OptimizerName } from './optimizer-names.js';
import { buildOptimizerStep, nextOf, STATE_NAMES, type Objective } from './optimizer-step.js';

/** Weights, Adam's moments and the weights' moving average, each a flat vector of the layout's size. */
export interface TrainState {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly ema: Float32Array;
}

/** The numbers of one step that change from step to step. */
export interface StepScalars {
  /** 1 for the first step. */
  readonly step: number;
  readonly learningRate: number;
  /** In [0, 1]. */
  readonly emaDecay: number;
}

export interface OptimizerSessionOptions extends Partial<AdamOptions> {
  /** Name of the ONNX graph. */
  readonly name: string;
  /** Default: adam. */
  readonly optimizer?: OptimizerName;
}

/** The state before the first step: freshly initialised weights, the same for the same seed. */
export function initialState(layout: ParameterLayout, seed: number): TrainState {
  return stateBeginningWith(layout.initialise(seed));
}

/** The state before the first step, with these weights. */
export function stateBeginningWith(parameters: Float32Array): TrainState {
  return {
    parameters,
    ema: parameters.slice(),
    firstMoment: new Float32Array(parameters.length),
    secondMoment: new Float32Array(parameters.length),
  };
}

/** The optimizer step of an objective compiled for one device, with its state there. */
export class OptimizerSession {
  private constructor(
    private readonly program: Program,
    private readonly adam: AdamOptions,
    private readonly optimizer: OptimizerName,
  ) {}

  static async create(
    runtime: Runtime,
    objective: Objective,
    { name, optimizer = 'adam', ...options }: OptimizerSessionOptions,
  ): Promise<OptimizerSession> {
    const adam = { ...adamDefaults, ...options };
    const model = buildOptimizerStep(objective, { name, adam, optimizer, target: runtime.device });
    const shape = [objective.layout.size];
    const states = STATE_NAMES.map((each) => ({ input: each, output: nextOf(each), shape }));
    return new OptimizerSession(await runtime.compile({ model, states }), adam, optimizer);
  }

  /** Must be called before the first step. */
  writeState(state: TrainState): void {
    for (const name of STATE_NAMES) this.program.writeState(name, state[name]);
  }

  /** A copy of one of the state's vectors, as it is after the last step. */
  async readVector(name: keyof TrainState): Promise<Float32Array> {
    return this.program.readState(name);
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
   * @param batch the inputs that the objective's loss declares
   */
  async step(
    batch: Readonly<Record<string, HostTensor>>,
    { step, learningRate, emaDecay }: StepScalars,
  ): Promise<number> {
    const { stepSize, correctedEpsilon, keptWeight } = adamScalars(step, learningRate, this.adam);
    const { loss } = await this.program.run({
      ...batch,
      stepSize: scalar(stepSize),
      correctedEpsilon: scalar(correctedEpsilon),
      ...(this.adam.weightDecay > 0 ? { keptWeight: scalar(keptWeight) } : {}),
      ...(this.optimizer === 'muon' ? { learningRate: scalar(learningRate) } : {}),
      emaRate: scalar(1 - emaDecay),
    });
    return Number(loss?.data[0]);
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}

function scalar(value: number): HostTensor {
  return floatFeed([], Float32Array.of(value));
}
