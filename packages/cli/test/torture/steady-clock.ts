/**
 * Makes `performance.now` count its calls: `metrics.jsonl`, which says how long steps took, is then the same in every run. An
 * eighth of a millisecond has no rounding errors.
 */
export function steadyClock(): void {
  let calls = 0;
  performance.now = () => ++calls / 8;
}
