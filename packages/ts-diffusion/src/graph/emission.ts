import type { OnnxGraphBuilder } from '../onnx/writer.js';
import { sameShape, sizeOf, type Shape } from '../utils/shape.js';
import type { ImageLayout, LoweringTarget } from './target.js';
import type { TensorType } from './tensor-type.js';
import type { Tensor } from './tensor.js';
import { transposeData } from './transpose-data.js';

/**
 * A value in the ONNX graph with the shape it has there. The shape may differ from the tensor's by a reshape that costs
 * nothing: consumers ask for the view they need.
 */
export interface EmittedValue {
  readonly name: string;
  readonly shape: Shape;
}

/** Numbers known at lowering time: reshaped and transposed here, once, and written only in the form that is used. */
export class ConstantValue implements EmittedValue {
  private initializer: string | undefined;

  constructor(
    private readonly builder: OnnxGraphBuilder,
    readonly data: Float32Array,
    readonly shape: Shape,
  ) {}

  get name(): string {
    return (this.initializer ??= this.builder.initializer(this.data, this.shape));
  }

  reshaped(shape: Shape): ConstantValue {
    return new ConstantValue(this.builder, this.data, shape);
  }

  transposed(permutation: readonly number[]): ConstantValue {
    const shape = permutation.map((axis) => this.shape[axis] ?? 1);
    return new ConstantValue(this.builder, transposeData(this.data, this.shape, permutation), shape);
  }
}

/** Logical axis (of N, C, H, W) at each physical position. */
const AXIS_ORDER: Record<ImageLayout, readonly [number, number, number, number]> = {
  NCHW: [0, 1, 2, 3],
  CHWN: [1, 2, 3, 0],
};

/** The state of lowering one graph: the ONNX nodes so far, and which value holds which tensor. */
export class Emission {
  private readonly values = new Map<Tensor, EmittedValue>();
  private readonly memos = new Map<string, EmittedValue>();

  constructor(
    readonly builder: OnnxGraphBuilder,
    readonly target: LoweringTarget,
    private readonly hasDynamicBatch = false,
  ) {}

  get batchInnermost(): boolean {
    return this.target.imageLayout === 'CHWN';
  }

  /** Position in memory -> logical axis; the identity for arrays. */
  axisOrder(tensor: TensorType): readonly number[] {
    return tensor.image ? AXIS_ORDER[this.target.imageLayout] : tensor.shape.map((_, axis) => axis);
  }

  /** The tensor's dimensions in the order in which they lie in memory. */
  physicalShape(tensor: TensorType): Shape {
    return this.axisOrder(tensor).map((axis) => tensor.shape[axis] ?? 1);
  }

  setValue(tensor: Tensor, value: EmittedValue): void {
    this.values.set(tensor, value);
  }

  value(tensor: Tensor): EmittedValue {
    const value = this.values.get(tensor);
    if (value === undefined) throw new Error(`${tensor.op}: used before it was emitted`);
    return value;
  }

  /** Name of the tensor's value seen with the given physical shape (a reshape in memory order, never a copy). */
  view(tensor: Tensor, shape: Shape = this.physicalShape(tensor)): string {
    return this.viewValue(this.value(tensor), shape).name;
  }

  viewValue(value: EmittedValue, shape: Shape): EmittedValue {
    if (sameShape(value.shape, shape)) return value;
    if (sizeOf(value.shape) !== sizeOf(shape)) {
      throw new Error(`cannot view [${value.shape.join(',')}] as [${shape.join(',')}]`);
    }
    if (value instanceof ConstantValue) return value.reshaped(shape);
    return this.memo(`view ${value.name} ${shape.join()}`, () => {
      // 0 copies the dimension: a graph whose batch is symbolic keeps its reshapes.
      const dimensions = shape.map((dimension, axis) => (axis === 0 && dimension === value.shape[0] ? 0 : dimension));
      // A first axis that is a multiple of the batch, as heads of attention make it, follows from the others.
      if (this.hasDynamicBatch && dimensions[0] !== 0 && shape.length > 0) dimensions[0] = -1;
      return { name: this.node('Reshape', [value.name, this.ints(dimensions)]), shape };
    });
  }

  /** Emits once what several nodes share (a transposed activation, a flipped filter). */
  memo(key: string, emit: () => EmittedValue): EmittedValue {
    const known = this.memos.get(key);
    if (known !== undefined) return known;
    const value = emit();
    this.memos.set(key, value);
    return value;
  }

  /** A node with one output; returns its name. */
  node(opType: string, inputs: readonly string[], attributes: Parameters<OnnxGraphBuilder['node']>[2] = {}): string {
    const [output] = this.builder.node(opType, inputs, attributes);
    if (output === undefined) throw new Error(`${opType}: no output`);
    return output;
  }

  transpose(value: EmittedValue, permutation: readonly number[]): EmittedValue {
    if (value instanceof ConstantValue) return value.transposed(permutation);
    return this.memo(`transpose ${value.name} ${permutation.join()}`, () => ({
      name: this.node('Transpose', [value.name], { perm: permutation }),
      shape: permutation.map((axis) => value.shape[axis] ?? 1),
    }));
  }

  ints(values: readonly number[]): string {
    return this.builder.initializer(BigInt64Array.from(values, BigInt), [values.length]);
  }

  scalar(value: number): string {
    return this.builder.initializer(Float32Array.of(value), []);
  }
}
