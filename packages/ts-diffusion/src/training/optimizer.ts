import { add, div, mul, reduceSum, relu, scalar, sqrt, square, sub, type Tensor } from '../graph/index.js';

export interface AdamOptions {
  /** Decay of the first and of the second moment; PyTorch's default 0.9 and 0.999. */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment; PyTorch's default 1e-8. */
  readonly epsilon: number;
  /** Every step multiplies the weights by 1 − learning rate · this (AdamW, Loshchilov & Hutter 2019); 0: plain Adam. */
  readonly weightDecay: number;
  /** A gradient with a larger Euclidean norm is scaled down to it (Pascanu et al. 2013); 0: none is. */
  readonly gradientClip: number;
}

export const adamDefaults: AdamOptions = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, gradientClip: 0 };

export interface AdamState {
  readonly parameters: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/** The scalars of one Adam step that depend on the step's number; computed in double precision outside the graph. */
export interface AdamScalars<T> {
  /** η √(1 − β₂ᵏ) / (1 − β₁ᵏ) */
  readonly stepSize: T;
  /** ε √(1 − β₂ᵏ) */
  readonly correctedEpsilon: T;
  /** What the weight decay leaves of the weights: 1 − η · weightDecay. */
  readonly keptWeight: T;
}

/** @param step 1 for the first update */
export function adamScalars(
  step: number,
  learningRate: number,
  { betas, epsilon, weightDecay }: AdamOptions,
): AdamScalars<number> {
  const rootCorrection = Math.sqrt(1 - betas[1] ** step);
  return {
    stepSize: (learningRate * rootCorrection) / (1 - betas[0] ** step),
    correctedEpsilon: epsilon * rootCorrection,
    keptWeight: 1 - learningRate * weightDecay,
  };
}

/** What is subtracted from the weights instead of Adam's update. */
export type UpdateRule = (moments: {
  /** Adam's update, times the learning rate, [size]. */
  readonly adamUpdates: Tensor;
  /** The first moment of the next step if its gradient were this one's: Nesterov's momentum, [size]. */
  readonly momentum: Tensor;
}) => Tensor;

/**
 * One update of Adam (Kingma & Ba 2015, in the efficient form at the end of its section 2), or of AdamW.
 *
 * @param rule changes the update; default: Adam's
 */
export function adamUpdate(
  { parameters, firstMoment, secondMoment }: AdamState,
  lossGradient: Tensor,
  { stepSize, correctedEpsilon, keptWeight }: AdamScalars<Tensor>,
  { betas: [beta1, beta2], weightDecay, gradientClip }: AdamOptions,
  rule: UpdateRule = ({ adamUpdates }) => adamUpdates,
): AdamState {
  const gradient = gradientClip > 0 ? clipByNorm(lossGradient, gradientClip) : lossGradient;
  const kept = weightDecay > 0 ? mul(parameters, keptWeight) : parameters;
  const average = (moment: Tensor): Tensor => add(mul(moment, scalar(beta1)), mul(gradient, scalar(1 - beta1)));
  const first = average(firstMoment);
  const second = add(mul(secondMoment, scalar(beta2)), mul(square(gradient), scalar(1 - beta2)));
  const adamUpdates = mul(stepSize, div(first, add(sqrt(second), correctedEpsilon)));
  const update = rule({ adamUpdates, momentum: average(first) });
  return { parameters: sub(kept, update), firstMoment: first, secondMoment: second };
}

/** A vector scaled down to the given Euclidean norm where it is longer, as PyTorch's `clip_grad_norm_` does. */
function clipByNorm(vector: Tensor, largest: number): Tensor {
  const norm = sqrt(reduceSum(square(vector), [0]));
  const ratio = div(scalar(largest), add(norm, scalar(1e-6)));
  return mul(vector, sub(scalar(1), relu(sub(scalar(1), ratio)))); // min(1, ratio)
}

/** Exponential moving average of the weights: ema + rate · (parameters − ema), where rate is 1 − decay. */
export function emaUpdate(ema: Tensor, parameters: Tensor, rate: Tensor): Tensor {
  return add(ema, mul(sub(parameters, ema), rate));
}
