import { constant, input, loweringTarget, lower, matmul, reduceSum, type Tensor } from '../graph/index.js';
import type { Runtime } from '../runtime/types.js';
import { signature } from '../utils/arguments.js';
import { runtime } from '../utils/argument-shapes.js';

/** How fast a device multiplies float32 matrices. */
export interface MatrixProductSpeed {
  /**
   * 10^9 floating-point operations per second: 2 n^3 for a product of n x n matrices. The fastest of several runs,
   * because whatever else the machine does only slows a run down.
   */
  readonly gflops: number;
  /** n. */
  readonly size: number;
}

const SMALL = 256;
const LARGE = 1024;
const RUNS = 5;
const RUN_SECONDS = 0.1;
const MOST_PRODUCTS = 64;
/** A device slower than this (a GPU emulated in software) is measured with the small matrices only. */
const FAST_GFLOPS = 5;

const measureMatrixProductArguments = signature('measureMatrixProduct', { runtime });

/**
 * Measures chains of products of n x n matrices, n = 1024 (256 on a slow device). A chain is long enough for a run of
 * about a tenth of a second, so that starting a run and fetching its one number does not count.
 */
export async function measureMatrixProduct(runtime: Runtime): Promise<MatrixProductSpeed> {
  measureMatrixProductArguments({ runtime });
  const first = await measure(runtime, SMALL, 1);
  if (first < FAST_GFLOPS) return { gflops: first, size: SMALL };
  const productSeconds = (2e-9 * LARGE ** 3) / first;
  const products = Math.min(MOST_PRODUCTS, Math.max(1, Math.round(RUN_SECONDS / productSeconds)));
  return { gflops: await measure(runtime, LARGE, products), size: LARGE };
}

async function measure(runtime: Runtime, size: number, products: number): Promise<number> {
  const a = input('a', [size, size]);
  // The averaging matrix keeps the values of the chain in range.
  const b = constant(new Float32Array(size * size).fill(1 / size), [size, size]);
  let x: Tensor = a;
  for (let i = 0; i < products; i++) x = matmul(x, b);
  const model = lower(
    { sum: reduceSum(x, [0, 1]), next: x },
    { name: 'matrix-product', target: loweringTarget(runtime.device, 'inference') },
  );
  const program = await runtime.compile({ model, states: [{ input: 'a', output: 'next', shape: [size, size] }] });
  try {
    program.writeState('a', new Float32Array(size * size).fill(1));
    await program.run({});
    let fastest = Infinity;
    for (let run = 0; run < RUNS; run++) {
      const begin = performance.now();
      await program.run({});
      fastest = Math.min(fastest, (performance.now() - begin) / 1000);
    }
    return (2e-9 * products * size ** 3) / fastest;
  } finally {
    await program.dispose();
  }
}
