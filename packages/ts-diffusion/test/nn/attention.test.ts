import { describe, expect, test } from 'vitest';
import { gradients, input, mul, reduceSum, toArray, toImage, type Tensor } from '../../src/graph/index.js';
import { selfAttention } from '../../src/nn/attention.js';
import { ParameterScope } from '../../src/nn/parameters.js';
import { readAttentionGolden } from '../golden/attention.js';
import { deterministicParameters, deterministicTensor } from '../golden/deterministic-weights.js';
import { evaluate } from '../graph/reference-interpreter.js';

const golden = readAttentionGolden();
const SHAPE = [2, 16, 3, 3];
const SIZE = 2 * 16 * 9;

/** The block on inputs, its parameters as inputs too, and what is fed to them. */
function block(heads: number) {
  const parameters = new Map<string, Tensor<'input'>>();
  const scope = new ParameterScope((name, { shape, storageOrder }) => {
    const stored = input(name, storageOrder?.map((axis) => shape[axis] ?? 1) ?? shape);
    parameters.set(name, stored);
    return stored;
  });
  const x = input('x', SHAPE);
  const output = toArray(selfAttention(scope, toImage(x), { groups: 8, heads }));
  const shapes = golden.blocks[0]?.results ?? {};
  const named = [...parameters.keys()].map((name) => ({ name, shape: shapes[name]?.shape ?? [] }));
  // Kernels of 1: stored in PyTorch's order whatever the order of the axes.
  const values = deterministicParameters(named);
  const feeds: Record<string, number[]> = {
    x: [...deterministicTensor('attention.x', SIZE, 1)],
    weights: [...deterministicTensor('attention.weights', SIZE, 1)],
  };
  for (const [name, { data }] of values) feeds[name] = [...data];
  const loss = reduceSum(mul(output, input('weights', SHAPE)), [0, 1, 2, 3]);
  return { output, loss, feeds, sources: [x, ...parameters.values()] };
}

describe.each(golden.blocks)('self-attention with $heads heads', ({ heads, results }) => {
  const { output, loss, feeds, sources } = block(heads);

  test("is PyTorch's MultiheadAttention in float64", () => {
    expect(evaluate([output], feeds)[0]).toBeCloseToTensor(results['output']?.values ?? [], { rtol: 1e-7, atol: 1e-8 });
  });

  test("has PyTorch's gradients in float64, and those of finite differences", () => {
    const actual = evaluate(gradients(loss, sources), feeds);
    const names = sources.map(({ attributes }) => attributes.name);
    expect(names.toSorted()).toEqual(
      Object.keys(results)
        .filter((name) => name !== 'output')
        .toSorted(),
    );
    for (const [i, name] of names.entries()) {
      expect(actual[i]).toBeCloseToTensor(results[name]?.values ?? [], { rtol: 1e-6, atol: 1e-8 });
      for (const index of [0, 5]) {
        const values = feeds[name] ?? [];
        const at = (value: number): number =>
          evaluate([loss], { ...feeds, [name]: values.with(index, value) })[0]?.[0] ?? NaN;
        const step = 1e-5;
        const slope = (at((values[index] ?? NaN) + step) - at((values[index] ?? NaN) - step)) / (2 * step);
        expect(actual[i]?.[index]).toBeCloseTo(slope, 7);
      }
    }
  });
});

test('heads differ: a network is told which it has', () => {
  const [one, two] = [1, 2].map((heads) => {
    const { output, feeds } = block(heads);
    return evaluate([output], feeds)[0] ?? [];
  });
  expect(one).not.toEqual(two);
});
