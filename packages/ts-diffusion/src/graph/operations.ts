import type { Shape } from '../utils/shape.js';
import type { DType } from './tensor-type.js';

/** What depends on no other tensor. */
export type SourceOperation = 'input' | 'constant';

/** Element-wise functions of one float32 tensor. */
export type UnaryOperation =
  'neg' | 'exp' | 'log' | 'sqrt' | 'sin' | 'cos' | 'square' | 'sigmoid' | 'silu' | 'abs' | 'relu' | 'sign';

/** Element-wise functions of two tensors, which broadcast as NumPy's do. */
export type BinaryOperation = 'add' | 'sub' | 'mul' | 'div' | 'greater' | 'equal';

export type ElementwiseOperation = UnaryOperation | BinaryOperation | 'cast';

/** What combines the elements along some axes. */
export type ReductionOperation = 'reduceSum' | 'softmax';

/** What moves elements and computes nothing. */
export type ArrangementOperation = 'reshape' | 'transpose' | 'toImage' | 'toArray' | 'slice' | 'pad' | 'concat';

/** A convolution with stride 1 and its gradients, which are each other's derivatives. */
export type ConvolutionOperation = 'conv2d' | 'conv2dInputGradient' | 'conv2dFilterGradient';

/** Changes of size by a factor of two, and the gradient of one of them. */
export type ResamplingOperation = 'maxPool2x2' | 'maxPool2x2Gradient' | 'sumPool2x2' | 'upsampleNearest2x';

/** What moves windows of pixels into channels and back. */
export type FoldingOperation = 'depthToSpace' | 'spaceToDepth';

/** What networks trained elsewhere need and no training here does. These have no gradient. */
export type InferenceOperation = 'stridedConv2d' | 'maxPool2d' | 'averagePool2d' | 'resizeBilinear';

type NoAttributes = Readonly<Record<string, never>>;

/** Rows and columns. */
export type Extent = readonly [height: number, width: number];

/** Windows of pixels that become channels, or that channels become. */
export interface FoldingAttributes {
  /** Side of a window. */
  readonly factor: number;
}

/** How a window moves over an image. */
export interface WindowAttributes {
  readonly kernel: Extent;
  readonly stride: number;
  readonly padding: Extent;
}

/**
 * Every operation of the engine with what it is told besides its inputs. Each operation has one entry here, one in
 * `Inputs`, and one in each of the tables `shapeRules`, `emitRules` and `gradientRules`; leaving one out does not compile.
 */
export interface Attributes extends Readonly<
  Record<
    UnaryOperation | BinaryOperation | ResamplingOperation | 'cast' | 'softmax' | 'toImage' | 'toArray',
    NoAttributes
  >
> {
  /** A value fed at run time. */
  readonly input: { readonly name: string; readonly dtype: DType; readonly shape: Shape };
  /** Numbers that are part of the graph. */
  readonly constant: { readonly data: Float32Array; readonly shape: Shape };
  readonly reduceSum: { readonly axes: readonly number[]; readonly keepDimensions: boolean };
  readonly broadcast: { readonly shape: Shape; readonly image: boolean };
  readonly reshape: { readonly shape: Shape };
  readonly transpose: { readonly permutation: readonly number[] };
  readonly slice: { readonly axis: number; readonly start: number; readonly end: number };
  readonly pad: { readonly axis: number; readonly before: number; readonly after: number };
  readonly concat: { readonly axis: number };
  readonly depthToSpace: FoldingAttributes;
  readonly spaceToDepth: FoldingAttributes;
  readonly matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  readonly conv2d: { readonly padding: number };
  readonly conv2dInputGradient: { readonly padding: number };
  readonly conv2dFilterGradient: { readonly kernel: number; readonly padding: number };
  readonly stridedConv2d: WindowAttributes;
  readonly maxPool2d: WindowAttributes;
  readonly averagePool2d: WindowAttributes;
  readonly resizeBilinear: { readonly size: Extent };
}

/** The name of an operation. */
export type Operation = keyof Attributes;

type OneInput =
  | UnaryOperation
  | ReductionOperation
  | Exclude<ArrangementOperation, 'concat'>
  | Exclude<ResamplingOperation, 'maxPool2x2Gradient'>
  | FoldingOperation
  | Exclude<InferenceOperation, 'stridedConv2d'>
  | 'cast'
  | 'broadcast';

/** The inputs of every operation, where each input is given as a T: a tensor, its type, or its gradient. */
export interface Inputs<T>
  extends
    Readonly<Record<OneInput, readonly [x: T]>>,
    Readonly<Record<BinaryOperation | 'matmul', readonly [a: T, b: T]>> {
  readonly input: readonly [];
  readonly constant: readonly [];
  readonly concat: readonly T[];
  /** No bias, or one. */
  readonly conv2d: readonly [x: T, filter: T, ...bias: readonly T[]];
  readonly conv2dInputGradient: readonly [dy: T, filter: T];
  readonly conv2dFilterGradient: readonly [x: T, dy: T];
  readonly maxPool2x2Gradient: readonly [x: T, y: T, dy: T];
  readonly stridedConv2d: readonly [x: T, filter: T, bias: T];
}
