import {
  abs,
  concat,
  gradients,
  input,
  lower,
  loweringTarget,
  mean,
  mul,
  reshape,
  sub,
  type Target,
  type Tensor,
} from '../graph/index.js';
import { unet, unetParameters, type UNetConfig } from '../models/unet.js';
import type { ParameterLayout } from '../nn/parameters.js';
import { adamUpdate, emaUpdate, type AdamOptions } from './optimizer.js';

export type LossName = 'l1' | 'l2';

export interface TrainStepOptions {
  readonly model: UNetConfig;
  readonly batchSize: number;
  readonly loss: LossName;
  readonly adam: AdamOptions;
  readonly target: Target;
}

/** The state a step advances; each is one flat vector of the layout's size. */
export const STATE_NAMES = ['parameters', 'firstMoment', 'secondMoment', 'ema'] as const;
export type StateName = (typeof STATE_NAMES)[number];

/** How a state's next value is called among the outputs. */
export const nextOf = (name: StateName): string => `${name}Next`;

export interface TrainStep {
  readonly model: Uint8Array;
  readonly layout: ParameterLayout;
}

/** The difference between prediction and target (the noise ε in the paper), averaged over all elements: E‖·‖₁ or E‖·‖₂². */
export function denoisingLoss(name: LossName, prediction: Tensor, target: Tensor): Tensor {
  const difference = sub(prediction, target);
  return mean(name === 'l1' ? abs(difference) : mul(difference, difference));
}

/** The loss of a batch and its gradient with respect to the flat parameter vector. */
export function lossAndGradient(
  { model, batchSize, loss: lossName }: Pick<TrainStepOptions, 'model' | 'batchSize' | 'loss'>,
  layout: ParameterLayout,
  flat: Tensor,
): { loss: Tensor; gradient: Tensor } {
  const imageShape = [batchSize, model.imageChannels, model.imageSize, model.imageSize];
  const noisyImages = input('noisyImages', imageShape);
  const target = input('target', imageShape);
  const { parameters, tensors } = layout.viewsOf(flat);
  const prediction = unet(
    model,
    parameters,
    noisyImages,
    input('timesteps', [batchSize]),
    input('labels', [batchSize]),
  );
  const loss = denoisingLoss(lossName, prediction, target);
  const pieces = gradients(loss, tensors).map((piece, i) => reshape(piece, [layout.specs[i]?.size ?? 0]));
  return { loss, gradient: concat(pieces, 0) };
}

/**
 * Lines 6 to 8 of Algorithm 1 as one ONNX graph: loss, gradient, Adam step and moving average.
 * Inputs: `noisyImages`, `target` [B,C,H,W], `timesteps`, `labels` [B], the scalars `stepSize`, `correctedEpsilon`,
 * `emaRate`, and the state; outputs: `loss` and the next state.
 */
export function buildTrainStep(options: TrainStepOptions): TrainStep {
  const layout = unetParameters(options.model);
  const state = Object.fromEntries(STATE_NAMES.map((name) => [name, input(name, [layout.size])])) as Record<
    StateName,
    Tensor
  >;
  const { loss, gradient } = lossAndGradient(options, layout, state.parameters);
  const scalars = { stepSize: input('stepSize', []), correctedEpsilon: input('correctedEpsilon', []) };
  const next = adamUpdate(state, gradient, scalars, options.adam);
  const ema = emaUpdate(state.ema, next.parameters, input('emaRate', []));
  const outputs: Record<string, Tensor> = { loss };
  for (const [name, tensor] of Object.entries({ ...next, ema })) outputs[nextOf(name as StateName)] = tensor;
  return { model: lower(outputs, { name: 'train_step', target: loweringTarget(options.target, 'training') }), layout };
}
