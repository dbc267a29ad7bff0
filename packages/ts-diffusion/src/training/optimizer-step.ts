import { concat, gradients, input, lower, loweringTarget, reshape, type Target, type Tensor } from '../graph/index.js';
import type { ParameterLayout, ParameterScope } from '../nn/parameters.js';
import { muonUpdates } from './muon.js';
import { adamUpdate, emaUpdate, type AdamOptions, type UpdateRule } from './optimizer.js';
import type { OptimizerName } from './optimizer-names.js';

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
  /** Default: adam. */
  readonly optimizer?: OptimizerName;
  readonly target: Target;
}

/**
 * One step of training as one ONNX graph: loss, gradient, the optimizer's update and the moving average of the weights.
 * Inputs: those of the objective, the scalars `stepSize`, `correctedEpsilon`, `emaRate`, with weight decay `keptWeight` and with Muon `learningRate`, and the state;
 * outputs: `loss` and the next state.
 */
export function buildOptimizerStep(
  objective: Objective,
  { name, adam, optimizer = 'adam', target }: OptimizerStepOptions,
): Uint8Array {
  const { size } = objective.layout;
  const state = Object.fromEntries(STATE_NAMES.map((each) => [each, input(each, [size])])) as Record<StateName, Tensor>;
  const { loss, gradient } = lossAndGradient(objective, state.parameters);
  const scalars = {
    stepSize: input('stepSize', []),
    correctedEpsilon: input('correctedEpsilon', []),
    keptWeight: input('keptWeight', []),
  };
  const rule: UpdateRule | undefined =
    optimizer === 'muon'
      ? (moments) => muonUpdates(objective.layout, { ...moments, learningRate: input('learningRate', []) })
      : undefined;
  const next = adamUpdate(state, gradient, scalars, adam, rule);
  const ema = emaUpdate(state.ema, next.parameters, input('emaRate', []));
  const outputs: Record<string, Tensor> = { loss };
  for (const [each, tensor] of Object.entries({ ...next, ema })) outputs[nextOf(each as StateName)] = tensor;
  return lower(outputs, { name, target: loweringTarget(target, 'training') });
}
