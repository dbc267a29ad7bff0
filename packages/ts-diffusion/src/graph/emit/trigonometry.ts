import type { Emission } from '../emission.js';

const TWO_PI = 2 * Math.PI;
/** 2π in two pieces of float32: the first, 201/32, times a whole number up to 2^16 is exact. */
const TWO_PI_HIGH = 6.28125;
const TWO_PI_LOW = TWO_PI - TWO_PI_HIGH;

/** Terms of the Taylor series; on [-π, π] the first one left out is below 3e-8. */
const TERMS = 10;

/**
 * sin or cos out of additions and products, for devices whose own are coarse: WGSL promises 2^-11 on [-π, π] and nothing
 * beyond, while the angles of a timestep embedding reach T. The angle is brought to [-π, π] (Cody & Waite 1980), where the
 * Taylor series is summed by Horner's rule.
 */
export function emitSeries(emission: Emission, x: string, series: 'Sin' | 'Cos'): string {
  const times = (a: string, factor: number): string => emission.node('Mul', [a, emission.scalar(factor)]);
  const turns = emission.node('Floor', [emission.node('Add', [times(x, 1 / TWO_PI), emission.scalar(0.5)])]);
  const reduced = emission.node('Sub', [
    emission.node('Sub', [x, times(turns, TWO_PI_HIGH)]),
    times(turns, TWO_PI_LOW),
  ]);
  const square = emission.node('Mul', [reduced, reduced]);
  // Both series are 1 - x²/(k(k+1)) (1 - x²/((k+2)(k+3)) (…)), from k = 2 for sin (times x) and k = 1 for cos.
  const first = series === 'Sin' ? 2 : 1;
  const factor = (term: number): number => -1 / ((first + 2 * term) * (first + 2 * term + 1));
  let sum = emission.node('Add', [times(square, factor(TERMS - 1)), emission.scalar(1)]);
  for (let term = TERMS - 2; term >= 0; term--) {
    const product = emission.node('Mul', [times(square, factor(term)), sum]);
    sum = emission.node('Add', [product, emission.scalar(1)]);
  }
  return series === 'Sin' ? emission.node('Mul', [reduced, sum]) : sum;
}
