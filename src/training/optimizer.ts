import { add, div, mul, scalar, sqrt, sub, type Tensor } from '../graph/index.js';

export interface AdamOptions {
  /** Decay of the first and of the second moment; PyTorch's default 0.9 and 0.999. */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment; PyTorch's default 1e-8. */
  readonly epsilon: number;
}

export const adamDefaults: AdamOptions = { betas: [0.9, 0.999], epsilon: 1e-8 };

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
}

/** @param step 1 for the first update */
export function adamScalars(step: number, learningRate: number, { betas, epsilon }: AdamOptions): AdamScalars<number> {
  const rootCorrection = Math.sqrt(1 - betas[1] ** step);
  return {
    stepSize: (learningRate * rootCorrection) / (1 - betas[0] ** step),
    correctedEpsilon: epsilon * rootCorrection,
  };
}

/** One update of Adam (Kingma & Ba 2015, in the efficient form at the end of its section 2). */
export function adamUpdate(
  { parameters, firstMoment, secondMoment }: AdamState,
  gradient: Tensor,
  { stepSize, correctedEpsilon }: AdamScalars<Tensor>,
  { betas: [beta1, beta2] }: AdamOptions,
): AdamState {
  const first = add(mul(firstMoment, scalar(beta1)), mul(gradient, scalar(1 - beta1)));
  const second = add(mul(secondMoment, scalar(beta2)), mul(mul(gradient, gradient), scalar(1 - beta2)));
  const update = mul(stepSize, div(first, add(sqrt(second), correctedEpsilon)));
  return { parameters: sub(parameters, update), firstMoment: first, secondMoment: second };
}

/** Exponential moving average of the weights: ema + rate · (parameters − ema), where rate is 1 − decay. */
export function emaUpdate(ema: Tensor, parameters: Tensor, rate: Tensor): Tensor {
  return add(ema, mul(sub(parameters, ema), rate));
}
