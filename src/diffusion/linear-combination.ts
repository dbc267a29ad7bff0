/**
 * c_1 · a_1 + c_2 · a_2 + ..., each value summed in float64 and rounded once, in a new array.
 *
 * @param terms coefficient and values; all values of one length
 */
export function linearCombination(...terms: readonly [Term, ...Term[]]): Float32Array {
  const coefficients = terms.map(([coefficient]) => coefficient);
  const values = terms.map(([, each]) => each);
  const out = new Float32Array(terms[0][1].length);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let term = 0; term < values.length; term++) {
      sum += (coefficients[term] as number) * ((values[term] as Float32Array)[i] as number);
    }
    out[i] = sum;
  }
  return out;
}

type Term = readonly [coefficient: number, values: Float32Array];
