import type { Emission, EmittedValue } from './emission.js';

export type DType = 'float32' | 'bool' | 'int64';
export type Shape = readonly number[];

/** What a primitive's output is, before it exists: its shape, element type, and whether it is an image batch. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
  /**
   * True for a batch of images or feature maps with logical axes [N, C, H, W]: the lowering chooses in which order they
   * lie in memory. Everything else is a plain row-major array.
   */
  readonly image: boolean;
}

export type AttributeValue = number | string | boolean | readonly number[] | Float32Array;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type PrimitiveName =
  | 'input'
  | 'constant'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'sin'
  | 'cos'
  | 'square'
  | 'sigmoid'
  | 'silu'
  | 'softmax'
  | 'abs'
  | 'relu'
  | 'sign'
  | 'greater'
  | 'equal'
  | 'cast'
  | 'reduceSum'
  | 'broadcast'
  | 'reshape'
  | 'transpose'
  | 'toImage'
  | 'toArray'
  | 'slice'
  | 'pad'
  | 'concat'
  | 'matmul'
  | 'conv2d'
  | 'conv2dInputGradient'
  | 'conv2dFilterGradient'
  | 'maxPool2x2'
  | 'maxPool2x2Gradient'
  | 'sumPool2x2'
  | 'upsampleNearest2x'
  | 'depthToSpace2x'
  | 'spaceToDepth2x'
  | 'stridedConv2d'
  | 'maxPool2d'
  | 'averagePool2d'
  | 'resizeBilinear';

/**
 * An operation the engine knows: how shapes follow, how it is written as ONNX, and how gradients flow back through it.
 * The three together make an entry of the table in `primitives/table.ts`.
 */
export type Primitive<A extends Attributes = Attributes> = DifferentiablePrimitive<A> | InferencePrimitive<A>;

interface PrimitiveRules<A extends Attributes> {
  readonly name: PrimitiveName;
  /** The output's type. @throws ShapeError naming the operation and the shapes */
  infer(inputs: readonly Tensor[], attributes: A): TensorType;
  /** Adds ONNX nodes that compute the output and says where it is. */
  emit(emission: Emission, node: Tensor<A>): EmittedValue;
}

/** A primitive that `gradients` refuses to pass through: nothing that is trained contains it. */
export interface InferencePrimitive<A extends Attributes = Attributes> extends PrimitiveRules<A> {
  readonly gradient: 'inference only';
}

export interface DifferentiablePrimitive<A extends Attributes = Attributes> extends PrimitiveRules<A> {
  /**
   * The vector-Jacobian product: for the gradient of the loss with respect to the output, its gradient with respect to
   * each input, `null` where the output is piecewise constant in that input. What nobody asks for is never emitted.
   */
  gradient(node: Tensor<A>, outputGradient: Tensor): readonly (Tensor | null)[];
}

let nextId = 0;

/** A node of the symbolic graph: immutable, with static shape and element type. */
export class Tensor<A extends Attributes = Attributes> implements TensorType {
  /** Grows with creation, so that sorting by it is a topological order. */
  readonly id = nextId++;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly image: boolean;

  constructor(
    readonly primitive: Primitive<A>,
    readonly inputs: readonly Tensor[],
    readonly attributes: A,
  ) {
    const { shape, dtype, image } = primitive.infer(inputs, attributes);
    this.shape = shape;
    this.dtype = dtype;
    this.image = image;
  }

  /** The same operation on other inputs of the same types. */
  withInputs(inputs: readonly Tensor[]): Tensor<A> {
    return new Tensor(this.primitive, inputs, this.attributes);
  }

  /** The i-th input. @throws RangeError if there is none */
  input(index: number): Tensor {
    const tensor = this.inputs[index];
    if (tensor === undefined) throw new RangeError(`${this.primitive.name} has no input ${index}`);
    return tensor;
  }
}

/** Shapes or element types that do not fit together, found while the graph is built. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export function apply<A extends Attributes>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return new Tensor(primitive, inputs, attributes);
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** `image [2,3,28,28]`, for error messages. */
export function describe(tensor: TensorType): string {
  const kind = tensor.image ? 'image ' : '';
  return `${kind}${tensor.dtype === 'float32' ? '' : tensor.dtype}[${tensor.shape.join(',')}]`;
}

/** The four logical dimensions of an image tensor. @throws ShapeError if it is none */
export function imageShape(operation: string, tensor: TensorType): readonly [number, number, number, number] {
  const [n, c, h, w] = tensor.shape;
  if (!tensor.image || n === undefined || c === undefined || h === undefined || w === undefined) {
    throw new ShapeError(`${operation}: expected an image [N,C,H,W], got ${describe(tensor)}`);
  }
  return [n, c, h, w];
}
