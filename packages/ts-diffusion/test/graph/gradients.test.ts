import { describe, expect, it } from 'vitest';
import { gradientRules, inferenceOnly } from '../../src/graph/gradient/rules.js';
import {
  abs,
  gradients,
  input,
  mul,
  reduceSum,
  relu,
  scalar,
  sizeOf,
  sub,
  type Operation,
  type Tensor,
} from '../../src/graph/index.js';
import type { PrimitiveCase } from './primitive-case.js';
import { primitiveCases } from './primitive-cases.js';
import { evaluate } from './reference-interpreter.js';
import { caseFeeds, caseInputs, deterministicValues } from './cases.js';

/** A scalar that weighs every element of the output differently. */
function weightedSum(output: Tensor): Tensor {
  const weights = input('weights', output.shape);
  const axes = output.shape.map((_, axis) => axis);
  const product = mul(output, weights);
  return axes.length === 0 ? product : reduceSum(product, axes);
}

/** Central differences of the loss with respect to one input, in float64. */
function finiteDifferences(loss: Tensor, feeds: Record<string, number[]>, name: string, step: number): number[] {
  const values = feeds[name] ?? [];
  const at = (index: number, value: number): number =>
    evaluate([loss], { ...feeds, [name]: values.with(index, value) })[0]?.[0] ?? NaN;
  return values.map((value, index) => (at(index, value + step) - at(index, value - step)) / (2 * step));
}

function checkGradients(primitiveCase: PrimitiveCase): number {
  const inputs = caseInputs(primitiveCase);
  const output = primitiveCase.build(...inputs);
  const loss = weightedSum(output);
  const feeds: Record<string, number[]> = {
    ...caseFeeds(primitiveCase),
    weights: deterministicValues('weights', sizeOf(output.shape)),
  };
  const differentiable = primitiveCase.differentiable ?? inputs.map((_, index) => index);
  const sources = differentiable.map((index) => inputs[index] as Tensor<'input'>);
  evaluate(gradients(loss, sources), feeds).forEach((gradient, k) => {
    const name = sources[k]?.attributes.name ?? '';
    expect(gradient).toBeCloseToTensor(finiteDifferences(loss, feeds, name, 1e-5), { rtol: 1e-7, atol: 1e-8 });
  });
  return sources.length;
}

const forInferenceOnly = (name: string): boolean => gradientRules[name as Operation] === inferenceOnly;

describe('gradient rules against central finite differences in float64', () => {
  describe.each(Object.entries(primitiveCases).filter(([name]) => !forInferenceOnly(name)))('%s', (_name, cases) => {
    it.each(cases.filter((each) => each.differentiable?.length !== 0).map((each, i) => [i, each] as const))(
      'case %i',
      (_i, each) => {
        expect(checkGradients(each)).toBeGreaterThan(0);
      },
    );
    const constantCases = cases.filter((each) => each.differentiable?.length === 0);
    it.each(constantCases.map((each, i) => [i, each] as const))('is piecewise constant: case %i', (_i, each) => {
      const inputs = caseInputs(each);
      const loss = weightedSum(each.build(...inputs));
      const feeds: Record<string, number[]> = { ...caseFeeds(each), weights: deterministicValues('weights', 1000) };
      const [first = ''] = inputs.map((tensor) => tensor.attributes.name);
      expect(finiteDifferences(loss, feeds, first, 1e-9).every((value) => value === 0)).toBe(true);
      expect(() => gradients(loss, inputs)).toThrow('does not depend on');
    });
  });
});

describe('reverse traversal', () => {
  it.each(Object.keys(primitiveCases).filter(forInferenceOnly))('refuses to pass through %s', (name) => {
    const [each] = primitiveCases[name as Operation] as [PrimitiveCase];
    const inputs = caseInputs(each);
    expect(() => gradients(weightedSum(each.build(...inputs)), inputs)).toThrow(`${name} of`);
  });

  it('adds up the gradients of several uses', () => {
    const x = input('x', [3]);
    const [gradient] = gradients(reduceSum(mul(x, mul(x, x)), [0]), [x]);
    expect(evaluate([gradient as Tensor], { x: [1, 2, -3] })[0]).toBeCloseToTensor([3, 12, 27], {});
  });

  it('differentiates gradients again: d²(x⁴)/dx² = 12x²', () => {
    const x = input('x', []);
    const [first] = gradients(mul(mul(x, x), mul(x, x)), [x]);
    const [second] = gradients(first as Tensor, [x]);
    expect(evaluate([second as Tensor], { x: [3] })[0]).toBeCloseToTensor([108], {});
  });

  it('takes 0 as the derivative of ReLU and of |x| at 0, as PyTorch does', () => {
    const x = input('x', [3]);
    const loss = reduceSum(sub(relu(x), mul(scalar(2), abs(x))), [0]);
    const [gradient] = gradients(loss, [x]);
    expect(evaluate([gradient as Tensor], { x: [-1, 0, 2] })[0]).toBeCloseToTensor([2, 0, -1], {});
  });

  it('refuses a loss that is no scalar', () => {
    const x = input('x', [3]);
    expect(() => gradients(x, [x])).toThrow('the loss must be a scalar, got [3]');
  });
});
