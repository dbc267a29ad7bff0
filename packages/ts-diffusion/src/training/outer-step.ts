/** How the outer weights move towards the mean of the replicas. */
export interface OuterOptions {
  /** Above 0; 1 without momentum: the mean of the replicas takes the place of the outer weights. */
  readonly outerLearningRate: number;
  /** Of Nesterov's momentum, in [0, 1). */
  readonly outerMomentum: number;
}

/** The outer weights and the momentum of their steps, flat vectors of the same length. */
export interface OuterState {
  readonly parameters: Float32Array;
  readonly momentum: Float32Array;
}

/**
 * The outer step of DiLoCo (Douillard et al. 2023, Algorithm 1): SGD with Nesterov's momentum, as PyTorch's
 * `SGD(momentum, nesterov=True)` computes it, on the outer gradient g = θ − mean of the replicas:
 *
 *     b ← μ b + g        θ ← θ − η (g + μ b) = (1 − η) θ + η mean − η μ b
 *
 * Written in the latter form the step with η = 1 and μ = 0 is the mean of the replicas to the bit. Sums are in float64.
 *
 * @param outer what the replicas began their round with
 * @param mean of their weights
 */
export function outerStep(
  { parameters, momentum }: OuterState,
  mean: Float64Array,
  { outerLearningRate: rate, outerMomentum: decay }: OuterOptions,
): OuterState {
  const next = { parameters: new Float32Array(mean.length), momentum: new Float32Array(mean.length) };
  for (let i = 0; i < mean.length; i++) {
    const old = parameters[i] as number;
    const average = mean[i] as number;
    next.momentum[i] = decay * (momentum[i] as number) + (old - average);
    next.parameters[i] = (1 - rate) * old + rate * average - rate * decay * (next.momentum[i] as number);
  }
  return next;
}
