/**
 * The area under the receiver operating characteristic: the probability that a positive's score is higher than a negative's, ties
 * counting one half (Mann & Whitney 1947). 0.5 is chance.
 *
 * @param negatives scores [N]
 * @param positives scores [M]
 */
export function areaUnderCurve(negatives: ArrayLike<number>, positives: ArrayLike<number>): number {
  const sorted = Float64Array.from(negatives).sort();
  /** How many negatives are below `value`, or with `inclusive` not above it. */
  const countBelow = (value: number, inclusive: boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = sorted[middle] as number;
      if (at < value || (inclusive && at === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let wins = 0;
  for (let i = 0; i < positives.length; i++) {
    const score = positives[i] as number;
    wins += (countBelow(score, false) + countBelow(score, true)) / 2;
  }
  return wins / (sorted.length * positives.length);
}
