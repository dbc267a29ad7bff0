import type { TrainState } from './optimizer-session.js';

/** The mean of the states of replicas, of which one at a time is in memory. Sums are in float64, in the order of `add`. */
export class MeanState {
  readonly #sums: Record<keyof TrainState, Float64Array>;
  #count = 0;

  /** @param size parameters of the network */
  constructor(size: number) {
    const zeros = (): Float64Array => new Float64Array(size);
    this.#sums = { parameters: zeros(), ema: zeros(), firstMoment: zeros(), secondMoment: zeros() };
  }

  add(state: TrainState): void {
    this.#count++;
    for (const [name, sum] of Object.entries(this.#sums) as [keyof TrainState, Float64Array][]) {
      const vector = state[name];
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (vector[i] as number);
    }
  }

  /** The mean of one of the four vectors; of one state it is that state. */
  of(name: keyof TrainState): Float64Array {
    return this.#sums[name].map((value) => value / this.#count);
  }
}
