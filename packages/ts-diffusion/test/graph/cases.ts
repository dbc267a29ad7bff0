import { input, sizeOf, type Tensor } from '../../src/graph/index.js';
import { deterministicTensor } from '../golden/deterministic-weights.js';
import type { PrimitiveCase } from './primitive-case.js';

/** Values in ±1 that float32 holds exactly, so that float64 and float32 programs start from the same numbers. */
export function deterministicValues(name: string, count: number, positive = false): number[] {
  const values = Array.from(deterministicTensor(name, count, 1));
  return positive ? values.map((value) => Math.fround(Math.abs(value) + 0.5)) : values;
}

export const inputName = (index: number): string => `input${index}`;

export function caseInputs({ inputs }: PrimitiveCase): Tensor<'input'>[] {
  return inputs.map((shape, index) => input(inputName(index), shape));
}

export function caseFeeds({ inputs, positive = false }: PrimitiveCase): Record<string, number[]> {
  return Object.fromEntries(
    inputs.map((shape, index) => {
      const name = inputName(index);
      return [name, deterministicValues(name, sizeOf(shape), positive)];
    }),
  );
}
