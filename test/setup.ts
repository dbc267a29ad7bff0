import { expect } from 'vitest';

interface Tolerance {
  /** Relative to the expected magnitude. */
  rtol?: number;
  atol?: number;
}

interface TensorMatchers {
  /** Every element within atol + rtol · |expected|; lengths equal; NaN never matches. */
  toBeCloseToTensor(expected: ArrayLike<number>, tolerance: Tolerance): void;
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- how vitest is told of a matcher
  interface Matchers extends TensorMatchers {}
}

expect.extend({
  toBeCloseToTensor(received: ArrayLike<number>, expected: ArrayLike<number>, { rtol = 0, atol = 0 }: Tolerance) {
    if (received.length !== expected.length) {
      return { pass: false, message: () => `expected ${expected.length} elements, got ${received.length}` };
    }
    let [worst, at] = [-Infinity, -1];
    for (let i = 0; i < expected.length; i++) {
      const [a, b] = [received[i] ?? NaN, expected[i] ?? NaN];
      const difference = Math.abs(a - b);
      const excess = Number.isNaN(difference) ? Infinity : difference - (atol + rtol * Math.abs(b));
      if (excess > worst) [worst, at] = [excess, i];
    }
    return {
      pass: worst <= 0,
      message: () =>
        `element ${at}: got ${received[at]}, expected ${expected[at]} within rtol ${rtol}, atol ${atol}; ${expected.length} elements compared`,
    };
  },
});
