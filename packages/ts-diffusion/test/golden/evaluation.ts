import { createFeatures, type Features } from '../../src/evaluation/features.js';
import { addProduct } from '../../src/evaluation/linear-algebra/matrix-product.js';
import { matrix, transposed, type Matrix } from '../../src/evaluation/linear-algebra/matrix.js';
import { deterministicTensor } from './deterministic-weights.js';

/** The inputs of test/golden/evaluation.json (twin: bench/golden/evaluation.py). */

export function uniform(name: string, rows: number, columns = 1): Matrix<Float64Array> {
  return matrix(rows, columns, Float64Array.from(deterministicTensor(name, rows * columns, 1)));
}

export function goldenFeatures(name: string, count: number, dimension: number, offset = 0, scale = 1): Features {
  const mixing = uniform(`mixing ${dimension}`, dimension, dimension);
  for (let i = 0; i < dimension; i++) mixing.data[i * dimension + i] = (mixing.data[i * dimension + i] as number) + 1;
  const mixed = matrix(count, dimension);
  addProduct(mixed, uniform(name, count, dimension), mixing);
  return createFeatures(
    Float32Array.from(mixed.data, (value) => scale * value + offset),
    dimension,
  );
}

export interface SquareRootCase {
  readonly n: number;
  readonly columns: number;
  readonly decay: number;
}

/** A = F Fᵀ or B = G Gᵀ, row-major [n, n]. */
export function semidefinite(name: 'f' | 'g', { n, columns, decay }: SquareRootCase): Float64Array {
  const factor = uniform(`${name} ${n} ${columns} ${decay}`, n, columns);
  const scaled = factor.data.map((value, i) => value * 10 ** ((-decay * (i % columns)) / (columns - 1)));
  const f = matrix(n, columns, scaled);
  const product = matrix(n, n);
  addProduct(product, f, transposed(f));
  return product.data;
}
