/** The weight of the past in the numbers that are shown while a network learns, per step. */
const SMOOTHING = 0.98;

/** A moving average, for numbers on the terminal. @param past undefined: there is none */
export function smooth(past: number | undefined, value: number): number {
  return past === undefined ? value : SMOOTHING * past + (1 - SMOOTHING) * value;
}
