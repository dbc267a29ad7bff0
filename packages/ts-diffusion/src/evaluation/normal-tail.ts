/**
 * Chebyshev coefficients of ln(erfc(z) / t) + z² over t = 2 / (2 + z) from 0 to 1, that is over all z >= 0; made by
 * bench/golden/erfc_coefficients.py.
 */
const coefficients = [
  -0.6513268598908547, 0.6419697923564902, 0.019476473204185836, -0.009561514786808632, -0.0009465953444820369,
  0.00036683949785276145, 4.252332480690777e-5, -2.0278578112534242e-5, -1.6242900046470256e-6, 1.3036558355805232e-6,
  1.5626441722066142e-8, -8.523809591492654e-8, 6.5290544390988515e-9, 5.059343495551469e-9, -9.91364156493033e-10,
  -2.273651222931836e-10, 9.646791102015527e-11, 2.3940380830391146e-12, -6.886027526497553e-12, 8.944879273090725e-13,
  3.130921399342958e-13, -1.1270822361367252e-13, 3.810905255189232e-16, 7.106097613609237e-15, -1.5230282014571043e-15,
  -9.457494571291233e-17, 1.210237189224279e-16, -2.816663087747177e-17,
];

/**
 * ln Q(x), where Q(x) is the probability that a standard normal exceeds x: to about 1e-15 of itself where x > 0, however
 * small Q is (it underflows from x = 39 on), and to about 1e-14 of itself where x < 0.
 */
export function logUpperTail(x: number): number {
  return x >= 0 ? logErfc(x / Math.SQRT2) - Math.LN2 : Math.log1p(-Math.exp(logUpperTail(-x)));
}

/** ln of the probability that a standard normal lies between two values, lower < upper; either may be infinite. */
export function logProbabilityBetween(lower: number, upper: number): number {
  // Upper tails lose no digits where the nearer bound is on their side.
  if (lower + upper < 0) return logProbabilityBetween(-upper, -lower);
  const logLower = logUpperTail(lower);
  return logLower + Math.log1p(-Math.exp(logUpperTail(upper) - logLower));
}

function logErfc(z: number): number {
  const t = 2 / (2 + z);
  const twice = 4 * t - 2;
  // Clenshaw's recurrence for Σ c_j T_j(2t - 1).
  let [value, before] = [0, 0];
  for (let j = coefficients.length - 1; j > 0; j--) {
    [value, before] = [twice * value - before + (coefficients[j] as number), value];
  }
  return Math.log(t) + (twice / 2) * value - before + (coefficients[0] as number) - z * z;
}
