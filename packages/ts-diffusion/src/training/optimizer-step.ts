import { concat, gradients, input, lower, loweringTarget, reshape, type Target, type Tensor } from '../graph/index.js';
import type { ParameterLayout, ParameterScope } from '../nn/parameters.js';
import { adamUpdate, emaUpdate, type AdamOptions } from './optimizer.js';

/** What training minimises. */
export interface Objective {
  readonly layout: ParameterLayout;
  /** The loss of a batch, of rank 0, as an expression of the parameters; it declares the inputs that the batch is fed to. */
  readonly loss: (parameters: ParameterScope) => Tensor;
}

/** The state a step advances; each is one flat vector of the layout's size. */
export const STATE_NAMES = ['parameters', 'firstMoment', 'secondMoment', 'ema'] as const;
export type StateName = (typeof STATE_NAMES)[number];

/** How a state's next value is called among the outputs. */
export const nextOf = (name: StateName): string => `${name}Next`;

/** The loss of a batch and its gradient with respect to the flat parameter vector. */
export function lossAndGradient(objective: Objective, flat: Tensor): { loss: Tensor; gradient: Tensor } {
  const { layout } = objective;
  const { parameters, tensors } = layout.viewsOf(flat);
  const loss = objective.loss(parameters);
  const pieces = gradients(loss, tensors).map((piece, i) => reshape(piece, [layout.specs[i]?.size ?? 0]));
  return { loss, gradient: concat(pieces, 0) };
}

export interface OptimizerStepOptions {
  /** Name of the ONNX graph. */
  readonly name: string;
  readonly adam: AdamOptions;
  readonly target: Target;
}

/**
 * One step of training as one ONNX graph: loss, gradient, Adam's update and the moving average of the weights.
 * Inputs: those of the objective, the scalars `stepSize`, `correctedEpsilon`, `emaRate` and, with weight decay, `keptWeight`, and the state; outputs: `loss`
 * and the next state.
 */
export function buildOptimizerStep(objective: Objective, { name, adam, target }: OptimizerStepOptions): Uint8Array {
  const { size } = objective.layout;
  const state = Object.fromEntries(STATE_NAMES.map((each) => [each, input(each, [size])])) as Record<StateName, Tensor>;
  const { loss, gradient } = lossAndGradient(objective, state.parameters);
  const scalars = {
    stepSize: input('stepSize', []),
    correctedEpsilon: input('correctedEpsilon', []),
    keptWeight: input('keptWeight', []),
  };
  const next = adamUpdate(state, gradient, scalars, adam);
  const ema = emaUpdate(state.ema, next.parameters, input('emaRate', []));
  const outputs: Record<string, Tensor> = { loss };
  for (const [each, tensor] of Object.entries({ ...next, ema })) outputs[nextOf(each as StateName)] = tensor;
  return lower(outputs, { name, target: loweringTarget(target, 'training') });
}
