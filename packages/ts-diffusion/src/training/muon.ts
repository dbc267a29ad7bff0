import {
  add,
  concat,
  constant,
  div,
  matmul,
  mul,
  reduceSum,
  reshape,
  scalar,
  slice,
  sqrt,
  square,
  type Tensor,
} from '../graph/index.js';
import type { ParameterLayout, ParameterSpec } from '../nn/parameters.js';

/**
 * a, b and c of p(x) = a·x + b·x³ + c·x⁵ (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024):
 * applied `ITERATIONS` times, it takes singular values in (0, 1] to about 0.7 to 1.2.
 */
const [A, B, C] = [3.4445, -4.775, 2.0315] as const;
const ITERATIONS = 5;
/** Of a matrix of zeros, too, the norm can be divided by. */
const SMALLEST_NORM = 1e-7;
/** The root mean square of Adam's updates, by which both can have one learning rate (Liu et al., "Muon is Scalable for LLM Training", 2025). */
const UPDATE_SIZE = 0.2;
/** A parameter with fewer rows or columns is no matrix between features: the classes' embedding, the last convolution. */
const SMALLEST_SIDE = 16;

/** A parameter as a matrix, the outputs of its layer by all that enters each of them. */
export interface MatrixParameter extends ParameterSpec {
  readonly rows: number;
  readonly columns: number;
}

/** The parameter as a matrix, if its updates are to be made orthogonal; biases, normalisations and the narrowest layers are not. */
export function matrixOf(spec: ParameterSpec): MatrixParameter | undefined {
  const { shape, storageOrder, size } = spec;
  if (shape.length < 2) return undefined;
  // The axis that a filter is stored by first counts outputs. A transposed convolution makes as many of each window.
  const isTransposed = shape.length === 4 && storageOrder?.[0] === 1;
  const rows = isTransposed ? size / (shape[0] as number) : (shape[0] as number);
  const columns = size / rows;
  return Math.min(rows, columns) >= SMALLEST_SIDE ? { ...spec, rows, columns } : undefined;
}

/**
 * Muon's update of a matrix M [rows, columns]: about U·Vᵀ of its singular value decomposition U·S·Vᵀ, times
 * 0.2·√max(rows, columns), so that an element has the size that it has in Adam's update.
 *
 * p is applied to the singular values. Here the powers are taken of G = M·Mᵀ/‖M‖² or Mᵀ·M/‖M‖², whichever is smaller: one
 * application multiplies M by P = a + b·G + c·G², and G by P².
 */
export function orthogonalUpdate(matrix: Tensor): Tensor {
  const [rows = 0, columns = 0] = matrix.shape;
  const isWide = rows <= columns;
  const norm = add(sqrt(reduceSum(square(matrix), [0, 1])), scalar(SMALLEST_NORM));
  const x = div(matrix, norm);
  let gram = matmul(x, x, isWide ? { transposeB: true } : { transposeA: true });
  let factor: Tensor | undefined;
  const unit = identity(Math.min(rows, columns));
  for (let iteration = 1; iteration <= ITERATIONS; iteration++) {
    const step = add(add(mul(gram, scalar(B)), mul(matmul(gram, gram), scalar(C))), mul(unit, scalar(A)));
    factor = factor === undefined ? step : matmul(step, factor);
    if (iteration < ITERATIONS) gram = matmul(matmul(step, gram), step);
  }
  const orthogonal = factor === undefined ? x : isWide ? matmul(factor, x) : matmul(x, factor);
  return mul(orthogonal, scalar(UPDATE_SIZE * Math.sqrt(Math.max(rows, columns))));
}

/**
 * Updates of all parameters [size]: those of Adam for the ones that are no matrices, Muon's for the others.
 *
 * @param momentum the gradient's moving average with Nesterov's look ahead, [size]
 * @param adamUpdates [size], times Adam's learning rate
 * @param learningRate of rank 0
 */
export function muonUpdates(
  { specs }: ParameterLayout,
  { momentum, adamUpdates, learningRate }: Readonly<Record<'momentum' | 'adamUpdates' | 'learningRate', Tensor>>,
): Tensor {
  const pieces: Tensor[] = [];
  let begin = 0;
  const adamUntil = (end: number): void => {
    if (end > begin) pieces.push(slice(adamUpdates, 0, begin, end));
  };
  for (const spec of specs) {
    const matrix = matrixOf(spec);
    if (matrix === undefined) continue;
    const { offset, size, rows, columns } = matrix;
    adamUntil(offset);
    const update = orthogonalUpdate(reshape(slice(momentum, 0, offset, offset + size), [rows, columns]));
    pieces.push(reshape(mul(update, learningRate), [size]));
    begin = offset + size;
  }
  adamUntil(specs.reduce((sum, { size }) => sum + size, 0));
  return concat(pieces, 0);
}

function identity(side: number): Tensor {
  const values = new Float32Array(side * side);
  for (let i = 0; i < side; i++) values[i * side + i] = 1;
  return constant(values, [side, side]);
}
