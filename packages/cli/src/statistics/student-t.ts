/**
 * The probability that |t| of Student's distribution is at least as large as a value: the p-value of a two-sided test.
 * Closed form for whole degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4), absolute error below 1e-13.
 *
 * @param freedom degrees of freedom, a whole number of at least 1
 */
export function twoSidedP(t: number, freedom: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let j = odd ? 3 : 2; j < freedom; j += 2) {
    term *= ((j - 1) / j) * cosine ** 2;
    sum += term;
  }
  const inside = odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return Math.max(0, 1 - inside);
}

/** The value that |t| exceeds with probability `p`, 0 < p <= 1: of p = 0.05 the half width of a 95 % interval in standard errors. */
export function twoSidedQuantile(p: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (twoSidedP(high, freedom) > p) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (twoSidedP(middle, freedom) > p) low = middle;
    else high = middle;
  }
  return high;
}
