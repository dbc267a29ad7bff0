type Term = readonly [coefficient: number, values: Float32Array];

/**
 * c_1 · a_1 + c_2 · a_2 + ... of up to four terms, each value summed in float64 and rounded once, in a new array.
 *
 * @param terms coefficient and values; all values finite and of one length
 */
export function linearCombination(first: Term, second?: Term, third?: Term, fourth?: Term): Float32Array {
  const [a, w] = first;
  // One loop for any number of terms: it is what sampling spends its time on outside the network, and stays fast this way.
  const [b, x] = second ?? [0, w];
  const [c, y] = third ?? [0, w];
  const [d, z] = fourth ?? [0, w];
  const out = new Float32Array(w.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = a * (w[i] as number) + b * (x[i] as number) + c * (y[i] as number) + d * (z[i] as number);
  }
  return out;
}
