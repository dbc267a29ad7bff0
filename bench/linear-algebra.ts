import { parseArgs } from 'node:util';
import {
  BLOCK_COLUMNS,
  BLOCK_DEPTH,
  BLOCK_ROWS,
  productKernel,
  TILE,
} from '../packages/ts-diffusion/src/evaluation/linear-algebra/product-kernel.js';
import { semidefiniteFactor } from '../packages/ts-diffusion/src/evaluation/linear-algebra/semidefinite-factor.js';
import { squareRootTrace } from '../packages/ts-diffusion/src/evaluation/linear-algebra/square-root-trace.js';
import golden from '../packages/ts-diffusion/test/golden/evaluation.json' with { type: 'json' };
import { semidefinite } from '../packages/ts-diffusion/test/golden/evaluation.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { summarise } from './support/statistics.js';

/** Speed of the linear algebra beneath the Fréchet distance, and its errors against SciPy (test/golden/evaluation.json). */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, largest: { type: 'string', default: '2048' } },
});
const rounds = wholeNumber('rounds', options.rounds);
const largest = wholeNumber('largest', options.largest);

function median(work: () => void, repetitions = rounds): number {
  return summarise(
    Array.from({ length: repetitions }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }),
  ).median;
}

/** What the kernel computes, over the same packed blocks and with the same tiles, written in JavaScript. */
function multiplyInJavaScript(a: Float64Array, b: Float64Array, c: Float64Array): void {
  for (let i = 0; i < BLOCK_ROWS; i += TILE) {
    for (let j = 0; j < BLOCK_COLUMNS; j += TILE) {
      let c00 = 0;
      let c01 = 0;
      let c02 = 0;
      let c03 = 0;
      let c10 = 0;
      let c11 = 0;
      let c12 = 0;
      let c13 = 0;
      let c20 = 0;
      let c21 = 0;
      let c22 = 0;
      let c23 = 0;
      let c30 = 0;
      let c31 = 0;
      let c32 = 0;
      let c33 = 0;
      for (let k = 0, p = i * BLOCK_DEPTH, q = j * BLOCK_DEPTH; k < BLOCK_DEPTH; k++, p += TILE, q += TILE) {
        const a0 = a[p] as number;
        const a1 = a[p + 1] as number;
        const a2 = a[p + 2] as number;
        const a3 = a[p + 3] as number;
        const b0 = b[q] as number;
        const b1 = b[q + 1] as number;
        const b2 = b[q + 2] as number;
        const b3 = b[q + 3] as number;
        c00 += a0 * b0;
        c01 += a0 * b1;
        c02 += a0 * b2;
        c03 += a0 * b3;
        c10 += a1 * b0;
        c11 += a1 * b1;
        c12 += a1 * b2;
        c13 += a1 * b3;
        c20 += a2 * b0;
        c21 += a2 * b1;
        c22 += a2 * b2;
        c23 += a2 * b3;
        c30 += a3 * b0;
        c31 += a3 * b1;
        c32 += a3 * b2;
        c33 += a3 * b3;
      }
      const rows = [
        [c00, c01, c02, c03],
        [c10, c11, c12, c13],
        [c20, c21, c22, c23],
        [c30, c31, c32, c33],
      ];
      for (const [row, values] of rows.entries()) c.set(values, (i + row) * BLOCK_COLUMNS + j);
    }
  }
}

heading('Linear algebra', `npx tsx bench/linear-algebra.ts ${process.argv.slice(2).join(' ')}`);
say(`- values to compare with: ${golden.origin.versions}`);

say('\n## One block of a product of matrices, float64\n');
const kernel = productKernel();
kernel.a.fill(0.5);
kernel.b.fill(0.25);
const gflop = (2 * BLOCK_ROWS * BLOCK_COLUMNS * BLOCK_DEPTH) / 1e9;
const speed = (milliseconds: number): string => `${((1000 * gflop) / milliseconds).toFixed(1)} GFLOPS`;
say('| | speed |');
say('|---|---|');
const inWebAssembly = (): void => {
  kernel.multiply(BLOCK_ROWS / TILE, BLOCK_COLUMNS / TILE, BLOCK_DEPTH);
};
const inJavaScript = (): void => {
  multiplyInJavaScript(kernel.a, kernel.b, kernel.c);
};
for (const [name, work] of Object.entries({ 'WebAssembly, SIMD': inWebAssembly, JavaScript: inJavaScript })) {
  median(work, 30); // until it is compiled with optimisation
  say(`| ${name} | ${speed(median(work, 50))} |`);
}

say('\n## tr √(A B)\n');
say('| n | columns of the factor | decay | rank found | time | from svdvals | from sqrtm | from eigh |');
say('|---|---|---|---|---|---|---|---|');
for (const expected of golden.squareRootTraces.filter(({ n }) => n >= 256 && n <= largest)) {
  const { n, columns, decay, svd, sqrtm, eigh } = expected;
  const [a, b] = [semidefinite('f', expected), semidefinite('g', expected)];
  let [trace, rank] = [NaN, NaN];
  const time = median(() => {
    const [f, g] = [semidefiniteFactor(a, n), semidefiniteFactor(b, n)];
    rank = f.columns;
    trace = squareRootTrace(f, g);
  });
  const error = (reference: number): string => Math.abs(trace / reference - 1).toExponential(1);
  say(
    `| ${n} | ${columns} | ${decay} | ${rank} | ${(time / 1000).toFixed(2)} s | ${error(svd)} | ${error(sqrtm)} | ${error(eigh)} |`,
  );
}
