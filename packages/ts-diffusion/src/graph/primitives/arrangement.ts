import type { Attributes, Primitive, Shape } from '../tensor.js';
import { apply, describe, imageShape, sameShape, ShapeError, sizeOf, type Tensor } from '../tensor.js';

type NoAttributes = Record<string, never>;

interface ReshapeAttributes extends Attributes {
  readonly shape: Shape;
}

export const reshapePrimitive: Primitive<ReshapeAttributes> = {
  name: 'reshape',
  infer: ([input], { shape }) => {
    const x = input as Tensor;
    if (x.image || sizeOf(x.shape) !== sizeOf(shape)) {
      throw new ShapeError(`reshape: ${describe(x)} cannot become [${shape.join(',')}]`);
    }
    return { shape, dtype: x.dtype, image: false };
  },
  emit: (emission, node) => emission.viewValue(emission.value(node.input(0)), node.shape),
  gradient: (node, dy) => [reshape(dy, node.input(0).shape)],
};

interface TransposeAttributes extends Attributes {
  readonly permutation: readonly number[];
}

export const transposePrimitive: Primitive<TransposeAttributes> = {
  name: 'transpose',
  infer: ([input], { permutation }) => {
    const x = input as Tensor;
    const sorted = [...permutation].sort((a, b) => a - b);
    if (x.image || permutation.length !== x.shape.length || sorted.some((axis, position) => axis !== position)) {
      throw new ShapeError(`transpose: [${permutation.join(',')}] does not permute the axes of ${describe(x)}`);
    }
    return { shape: permutation.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype, image: false };
  },
  emit: (emission, node) => {
    const x = node.input(0);
    return emission.transpose(emission.viewValue(emission.value(x), x.shape), node.attributes.permutation);
  },
  gradient: (node, dy) => {
    const { permutation } = node.attributes;
    return [
      transpose(
        dy,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
};

/** An array [N, C, H, W] becomes an image batch. In a layout other than NCHW this copies. */
export const toImagePrimitive: Primitive<NoAttributes> = {
  name: 'toImage',
  infer: ([input]) => {
    const x = input as Tensor;
    if (x.image || x.shape.length !== 4)
      throw new ShapeError(`toImage: expected an array [N,C,H,W], got ${describe(x)}`);
    return { shape: x.shape, dtype: x.dtype, image: true };
  },
  emit: (emission, node) => {
    const [n = 1, c = 1, h = 1, w = 1] = node.shape;
    if (!emission.batchInnermost) return emission.value(node.input(0));
    return emission.transpose(emission.viewValue(emission.value(node.input(0)), [n, c * h * w]), [1, 0]);
  },
  gradient: (_node, dy) => [toArray(dy)],
};

/** An image batch becomes an array [N, C, H, W]. In a layout other than NCHW this copies. */
export const toArrayPrimitive: Primitive<NoAttributes> = {
  name: 'toArray',
  infer: ([x]) => ({ shape: imageShape('toArray', x as Tensor), dtype: (x as Tensor).dtype, image: false }),
  emit: (emission, node) => {
    const x = node.input(0);
    const [n = 1, c = 1, h = 1, w = 1] = node.shape;
    if (!emission.batchInnermost) return emission.viewValue(emission.value(x), node.shape);
    return emission.transpose(emission.viewValue(emission.value(x), [c * h * w, n]), [1, 0]);
  },
  gradient: (_node, dy) => [toImage(dy)],
};

interface SliceAttributes extends Attributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** Elements start..end-1 of one (logical) axis. */
export const slicePrimitive: Primitive<SliceAttributes> = {
  name: 'slice',
  infer: ([input], { axis, start, end }) => {
    const x = input as Tensor;
    const size = x.shape[axis];
    if (size === undefined || start < 0 || end > size || start >= end) {
      throw new ShapeError(`slice: ${start}..${end} on axis ${axis} lies outside ${describe(x)}`);
    }
    const shape = x.shape.map((dimension, i) => (i === axis ? end - start : dimension));
    return { shape, dtype: x.dtype, image: x.image };
  },
  emit: (emission, node) => {
    const { axis, start, end } = node.attributes;
    const x = node.input(0);
    const physicalAxis = emission.axisOrder(x).indexOf(axis);
    const bounds = [emission.ints([start]), emission.ints([end]), emission.ints([physicalAxis])];
    return { name: emission.node('Slice', [emission.view(x), ...bounds]), shape: emission.physicalShape(node) };
  },
  gradient: (node, dy) => {
    const { axis, start, end } = node.attributes;
    return [pad(dy, axis, start, (node.input(0).shape[axis] ?? end) - end)];
  },
};

interface PadAttributes extends Attributes {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** Zeros before and after, along one (logical) axis. */
export const padPrimitive: Primitive<PadAttributes> = {
  name: 'pad',
  infer: ([input], { axis, before, after }) => {
    const x = input as Tensor;
    if (x.shape[axis] === undefined || before < 0 || after < 0) {
      throw new ShapeError(`pad: ${before} before and ${after} after on axis ${axis} do not fit ${describe(x)}`);
    }
    const shape = x.shape.map((dimension, i) => (i === axis ? before + dimension + after : dimension));
    return { shape, dtype: x.dtype, image: x.image };
  },
  emit: (emission, node) => {
    const { axis, before, after } = node.attributes;
    const x = node.input(0);
    const rank = x.shape.length;
    const physicalAxis = emission.axisOrder(x).indexOf(axis);
    const amounts = Array.from({ length: 2 * rank }, (_, i) =>
      i === physicalAxis ? before : i === rank + physicalAxis ? after : 0,
    );
    const name = emission.node('Pad', [emission.view(x), emission.ints(amounts)], { mode: 'constant' });
    return { name, shape: emission.physicalShape(node) };
  },
  gradient: (node, dy) => {
    const { axis, before } = node.attributes;
    return [slice(dy, axis, before, before + (node.input(0).shape[axis] ?? 0))];
  },
};

interface ConcatAttributes extends Attributes {
  readonly axis: number;
}

export const concatPrimitive: Primitive<ConcatAttributes> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const [first, ...rest] = inputs;
    if (first?.shape[axis] === undefined)
      throw new ShapeError(`concat: no axis ${axis} in ${inputs.map(describe).join(', ')}`);
    const others = ({ shape }: Tensor): Shape => shape.map((dimension, i) => (i === axis ? 0 : dimension));
    for (const x of rest) {
      if (x.dtype !== first.dtype || x.image !== first.image || !sameShape(others(x), others(first))) {
        throw new ShapeError(`concat on axis ${axis}: ${describe(first)} and ${describe(x)} differ elsewhere`);
      }
    }
    const total = inputs.reduce((sum, x) => sum + (x.shape[axis] ?? 0), 0);
    const shape = first.shape.map((dimension, i) => (i === axis ? total : dimension));
    return { shape, dtype: first.dtype, image: first.image };
  },
  emit: (emission, node) => {
    const physicalAxis = emission.axisOrder(node).indexOf(node.attributes.axis);
    const { maxConcatInputs } = emission.target;
    let names = node.inputs.map((x) => emission.view(x));
    const join = (group: readonly string[]): string =>
      group.length === 1 ? (group[0] ?? '') : emission.node('Concat', group, { axis: physicalAxis });
    while (names.length > maxConcatInputs) {
      names = Array.from({ length: Math.ceil(names.length / maxConcatInputs) }, (_, i) =>
        join(names.slice(i * maxConcatInputs, (i + 1) * maxConcatInputs)),
      );
    }
    return { name: join(names), shape: emission.physicalShape(node) };
  },
  gradient: (node, dy) => {
    const { axis } = node.attributes;
    let start = 0;
    return node.inputs.map((x) => slice(dy, axis, start, (start += x.shape[axis] ?? 0)));
  },
};

export const reshape = (x: Tensor, shape: Shape): Tensor => apply(reshapePrimitive, [x], { shape });
export const transpose = (x: Tensor, permutation: readonly number[]): Tensor =>
  apply(transposePrimitive, [x], { permutation });
export const toImage = (x: Tensor): Tensor => apply(toImagePrimitive, [x], {});
export const toArray = (x: Tensor): Tensor => apply(toArrayPrimitive, [x], {});
export const concat = (inputs: readonly Tensor[], axis: number): Tensor => apply(concatPrimitive, inputs, { axis });

export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  return apply(slicePrimitive, [x], { axis, start, end });
}

export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  return apply(padPrimitive, [x], { axis, before, after });
}
