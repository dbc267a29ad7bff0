import { expect, it } from 'vitest';
import { emitRules } from '../../src/graph/emit/rules.js';
import type { EmitRules } from '../../src/graph/emit/rule.js';
import { gradientRules } from '../../src/graph/gradient/rules.js';
import { ShapeError, type Operation } from '../../src/graph/index.js';
import type { ShapeRules } from '../../src/graph/shape/rule.js';
import { shapeRules } from '../../src/graph/shape/rules.js';
import type { TensorType } from '../../src/graph/tensor-type.js';
import { primitiveCases } from './primitive-cases.js';

const operations = Object.keys(primitiveCases).sort() as Operation[];

it.each([
  ['shape', shapeRules],
  ['emission', emitRules],
  ['gradient', gradientRules],
])('the %s rules are those of all operations, and of no others', (_, rules) => {
  expect(Object.keys(rules).sort()).toEqual(operations);
});

function withoutRelu<Rules extends { relu: unknown }>(rules: Rules): Omit<Rules, 'relu'> {
  const rest: Partial<Rules> = { ...rules };
  delete rest.relu;
  return rest as Omit<Rules, 'relu'>;
}

it('leaving a rule out does not compile', () => {
  // @ts-expect-error: relu is missing
  const shapes: ShapeRules = withoutRelu(shapeRules);
  // @ts-expect-error: relu is missing
  const emissions: EmitRules = withoutRelu(emitRules);
  // @ts-expect-error: relu is missing
  const gradients: typeof gradientRules = withoutRelu(gradientRules);
  for (const rules of [shapes, emissions, gradients]) expect(Object.keys(rules)).not.toContain('relu');
});

/** Inputs that no operation takes together with these attributes. */
const misfits: TensorType[] = [
  { shape: [3], dtype: 'bool', image: false },
  { shape: [2], dtype: 'float32', image: false },
  { shape: [2], dtype: 'float32', image: false },
];
const misfitting = {
  data: new Float32Array(1),
  shape: [7],
  axes: [9],
  axis: 9,
  permutation: [9],
  padding: 0,
  kernel: 3,
};

it.each(operations.filter((op) => op !== 'input' && op !== 'cast'))('the shape rule of %s names it', (op) => {
  const refused = (): TensorType =>
    (shapeRules[op] as (inputs: TensorType[], attributes: unknown) => TensorType)(misfits, misfitting);
  expect(refused).toThrow(ShapeError);
  expect(refused).toThrow(new RegExp(`^${op}\\b`));
});
