import { sizeOf, topologicalOrder, type Operation, type Shape, type Tensor } from '../../src/graph/index.js';

/**
 * Evaluates a graph in float64, by the definition of each primitive, with no thought of speed or memory layout: the truth
 * that emitted ONNX nodes and gradient rules are tested against. Booleans are 0 and 1. Images are row-major [N, C, H, W].
 */
export function evaluate(outputs: readonly Tensor[], feeds: Feeds): Float64Array[] {
  const values = new Map<Tensor, Float64Array>();
  for (const tensor of topologicalOrder(outputs)) {
    const inputs = tensor.inputs.map((input) => values.get(input) ?? new Float64Array());
    values.set(tensor, applyRule(tensor.op, tensor, inputs, feeds));
  }
  return outputs.map((tensor) => values.get(tensor) ?? new Float64Array());
}

type Feeds = Readonly<Record<string, ArrayLike<number>>>;

type Rule<Op extends Operation = Operation> = (
  node: Tensor<Op>,
  inputs: readonly Float64Array[],
  feeds: Feeds,
) => Float64Array;

function applyRule<Op extends Operation>(
  op: Op,
  node: Tensor<Op>,
  inputs: readonly Float64Array[],
  feeds: Feeds,
): Float64Array {
  return rules[op](node, inputs, feeds);
}

/** All indices of a shape, in row-major order. */
function* indices(shape: Shape): Generator<number[]> {
  const total = sizeOf(shape);
  for (let position = 0; position < total; position++) {
    let rest = position;
    yield shape
      .toReversed()
      .map((dimension) => {
        const index = rest % dimension;
        rest = Math.floor(rest / dimension);
        return index;
      })
      .reverse();
  }
}

const offsetOf = (shape: Shape, index: readonly number[]): number =>
  shape.reduce((offset, dimension, axis) => offset * dimension + (index[axis] ?? 0), 0);

/** An element with NumPy's broadcasting: missing leading axes and axes of size 1 repeat. */
function broadcastElement(data: Float64Array, shape: Shape, index: readonly number[]): number {
  const own = shape.map((dimension, axis) => (dimension === 1 ? 0 : (index[axis + index.length - shape.length] ?? 0)));
  return data[offsetOf(shape, own)] ?? NaN;
}

/** Fills the output by a function of its index. */
function fill(shape: Shape, element: (index: readonly number[]) => number): Float64Array {
  return Float64Array.from(indices(shape), element);
}

const binary =
  (f: (a: number, b: number) => number): Rule =>
  (node, [a = new Float64Array(), b = new Float64Array()]) =>
    fill(node.shape, (index) =>
      f(broadcastElement(a, node.input(0).shape, index), broadcastElement(b, node.input(1).shape, index)),
    );

const unary =
  (f: (x: number) => number): Rule =>
  (_node, [x = new Float64Array()]) =>
    x.map(f);

const copy: Rule = (_node, [x = new Float64Array()]) => x.slice();

/** Reads an input by a map from the output's index to the input's; outside the input there are zeros. */
const gather =
  <Op extends Operation>(source: (index: readonly number[], node: Tensor<Op>) => readonly number[]): Rule<Op> =>
  (node, [x = new Float64Array()]) =>
    fill(node.shape, (index) => element(x, node.input(0).shape, source(index, node)));

function element(data: Float64Array, shape: Shape, index: readonly number[]): number {
  const inside = shape.every((dimension, axis) => (index[axis] ?? 0) >= 0 && (index[axis] ?? 0) < dimension);
  return inside ? (data[offsetOf(shape, index)] ?? NaN) : 0;
}

/** Adds up `term` over all (output pixel, filter tap) pairs of a convolution. */
function forEachTap(
  x: Shape,
  filter: Shape,
  padding: number,
  visit: (at: { input: number[]; output: number[]; tap: number[] }) => void,
): void {
  const [n = 0, , h = 0, w = 0] = x;
  const [, kernel = 0] = filter;
  const outH = h + 2 * padding - kernel + 1;
  const outW = w + 2 * padding - kernel + 1;
  for (const [image = 0, row = 0, column = 0] of indices([n, outH, outW])) {
    for (const [o = 0, kh = 0, kw = 0, i = 0] of indices(filter)) {
      visit({
        input: [image, i, row + kh - padding, column + kw - padding],
        output: [image, o, row, column],
        tap: [o, kh, kw, i],
      });
    }
  }
}

/** The sum over each 2×2 window, or another fold of it. */
const foldWindows =
  (fold: (values: readonly number[]) => number): Rule =>
  (node, [x = new Float64Array()]) =>
    fill(node.shape, ([n = 0, c = 0, h = 0, w = 0]) =>
      fold(
        [0, 1].flatMap((row) =>
          [0, 1].map((column) => element(x, node.input(0).shape, [n, c, 2 * h + row, 2 * w + column])),
        ),
      ),
    );

/** Where the windows of `node` lie on its input: all (input pixel, tap) pairs of one output pixel, inside the input. */
function windowTaps(
  node: Tensor<'stridedConv2d' | 'maxPool2d' | 'averagePool2d'>,
  row: number,
  column: number,
): { at: [number, number]; tap: [number, number] }[] {
  const [, , h = 0, w = 0] = node.input(0).shape;
  const { kernel, stride, padding } = node.attributes;
  const [top, left] = padding;
  return [...indices(kernel)]
    .map(([kh = 0, kw = 0]) => ({
      at: [row * stride + kh - top, column * stride + kw - left] as [number, number],
      tap: [kh, kw] as [number, number],
    }))
    .filter(({ at: [y, x] }) => y >= 0 && y < h && x >= 0 && x < w);
}

const foldPixels =
  (fold: (values: readonly number[]) => number): Rule<'maxPool2d' | 'averagePool2d'> =>
  (node, [x = new Float64Array()]) =>
    fill(node.shape, ([n = 0, c = 0, row = 0, column = 0]) =>
      fold(windowTaps(node, row, column).map(({ at }) => element(x, node.input(0).shape, [n, c, ...at]))),
    );

const rules: { readonly [Op in Operation]: Rule<Op> } = {
  input: (node, _inputs, feeds) => Float64Array.from(feeds[node.attributes.name] ?? []),
  constant: (node) => Float64Array.from(node.attributes.data),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  square: unary((x) => x * x),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  silu: unary((x) => x / (1 + Math.exp(-x))),
  softmax: (node, [x = new Float64Array()]) => {
    const width = node.shape.at(-1) ?? 1;
    return x.map((value, position) => {
      const row = x.subarray(position - (position % width), position - (position % width) + width);
      return Math.exp(value) / row.reduce((sum, each) => sum + Math.exp(each), 0);
    });
  },
  abs: unary(Math.abs),
  relu: unary((x) => Math.max(x, 0)),
  sign: unary(Math.sign),
  greater: binary((a, b) => Number(a > b)),
  equal: binary((a, b) => Number(a === b)),
  cast: copy,
  reduceSum: (node, [x = new Float64Array()]) => {
    const { shape } = node.input(0);
    const axes = node.attributes.axes;
    const keep = node.attributes.keepDimensions;
    const out = new Float64Array(sizeOf(node.shape));
    let position = 0;
    for (const index of indices(shape)) {
      const target = keep
        ? index.map((i, axis) => (axes.includes(axis) ? 0 : i))
        : index.filter((_, axis) => !axes.includes(axis));
      const offset = offsetOf(node.shape, target);
      out[offset] = (out[offset] ?? 0) + (x[position++] ?? NaN);
    }
    return out;
  },
  broadcast: (node, [x = new Float64Array()]) =>
    fill(node.shape, (index) => broadcastElement(x, node.input(0).shape, index)),
  reshape: copy,
  transpose: gather((index, node) => {
    const permutation = node.attributes.permutation;
    return permutation.map((_, axis) => index[permutation.indexOf(axis)] ?? 0);
  }),
  toImage: copy,
  toArray: copy,
  slice: gather((index, node) =>
    index.map((i, axis) => (axis === node.attributes.axis ? i + node.attributes.start : i)),
  ),
  pad: gather((index, node) =>
    index.map((i, axis) => (axis === node.attributes.axis ? i - node.attributes.before : i)),
  ),
  concat: (node, inputs) =>
    fill(node.shape, (index) => {
      const axis = node.attributes.axis;
      let position = index[axis] ?? 0;
      for (const [i, data] of inputs.entries()) {
        const { shape } = node.input(i);
        if (position < (shape[axis] ?? 0)) return element(data, shape, index.with(axis, position));
        position -= shape[axis] ?? 0;
      }
      return NaN;
    }),
  matmul: (node, [a = new Float64Array(), b = new Float64Array()]) => {
    const [shapeA, shapeB] = [node.input(0).shape, node.input(1).shape];
    const [transposeA, transposeB] = [node.attributes.transposeA, node.attributes.transposeB];
    const inner = shapeA.at(transposeA ? -2 : -1) ?? 0;
    return fill(node.shape, (index) => {
      const stack = index.slice(0, -2);
      const [row = 0, column = 0] = index.slice(-2);
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        sum +=
          element(a, shapeA, [...stack, ...(transposeA ? [k, row] : [row, k])]) *
          element(b, shapeB, [...stack, ...(transposeB ? [column, k] : [k, column])]);
      }
      return sum;
    });
  },
  conv2d: (node, [x = new Float64Array(), filter = new Float64Array(), bias]) => {
    const [xShape, filterShape] = [node.input(0).shape, node.input(1).shape];
    const out = fill(node.shape, ([, o = 0]) => bias?.[o] ?? 0);
    forEachTap(xShape, filterShape, node.attributes.padding, ({ input, output, tap }) => {
      const at = offsetOf(node.shape, output);
      out[at] = (out[at] ?? 0) + element(x, xShape, input) * element(filter, filterShape, tap);
    });
    return out;
  },
  conv2dInputGradient: (node, [dy = new Float64Array(), filter = new Float64Array()]) => {
    const [dyShape, filterShape] = [node.input(0).shape, node.input(1).shape];
    const out = new Float64Array(sizeOf(node.shape));
    forEachTap(node.shape, filterShape, node.attributes.padding, ({ input, output, tap }) => {
      if (input.some((i, axis) => i < 0 || i >= (node.shape[axis] ?? 0))) return;
      const at = offsetOf(node.shape, input);
      out[at] = (out[at] ?? 0) + element(dy, dyShape, output) * element(filter, filterShape, tap);
    });
    return out;
  },
  conv2dFilterGradient: (node, [x = new Float64Array(), dy = new Float64Array()]) => {
    const [xShape, dyShape] = [node.input(0).shape, node.input(1).shape];
    const out = new Float64Array(sizeOf(node.shape));
    forEachTap(xShape, node.shape, node.attributes.padding, ({ input, output, tap }) => {
      const at = offsetOf(node.shape, tap);
      out[at] = (out[at] ?? 0) + element(x, xShape, input) * element(dy, dyShape, output);
    });
    return out;
  },
  maxPool2x2: foldWindows((values) => Math.max(...values)),
  maxPool2x2Gradient: (node, [x = new Float64Array(), y = new Float64Array(), dy = new Float64Array()]) =>
    fill(node.shape, (index) => {
      const [n = 0, c = 0, h = 0, w = 0] = index;
      const window = [n, c, Math.floor(h / 2), Math.floor(w / 2)];
      const [large, small] = [node.input(0).shape, node.input(1).shape];
      const maximum = element(y, small, window);
      const [top, left] = [2 * Math.floor(h / 2), 2 * Math.floor(w / 2)];
      const pixels = [0, 1, 2, 3].map((i) => element(x, large, [n, c, top + (i >> 1), left + (i % 2)]));
      const ties = pixels.filter((value) => value === maximum).length;
      return element(x, large, index) === maximum ? element(dy, small, window) / ties : 0;
    }),
  sumPool2x2: foldWindows((values) => values.reduce((sum, value) => sum + value, 0)),
  upsampleNearest2x: gather(([n = 0, c = 0, h = 0, w = 0]) => [n, c, Math.floor(h / 2), Math.floor(w / 2)]),
  depthToSpace: gather(([n = 0, c = 0, h = 0, w = 0], { attributes: { factor } }) => [
    n,
    factor ** 2 * c + factor * (h % factor) + (w % factor),
    Math.floor(h / factor),
    Math.floor(w / factor),
  ]),
  spaceToDepth: gather(([n = 0, c = 0, h = 0, w = 0], { attributes: { factor } }) => [
    n,
    Math.floor(c / factor ** 2),
    factor * h + (Math.floor(c / factor) % factor),
    factor * w + (c % factor),
  ]),
  stridedConv2d: (node, [x = new Float64Array(), filter = new Float64Array(), bias]) => {
    const [xShape, filterShape] = [node.input(0).shape, node.input(1).shape];
    return fill(node.shape, ([n = 0, o = 0, row = 0, column = 0]) => {
      let sum = bias?.[o] ?? 0;
      for (const { at, tap } of windowTaps(node, row, column)) {
        for (let i = 0; i < (xShape[1] ?? 0); i++) {
          sum += element(x, xShape, [n, i, ...at]) * element(filter, filterShape, [o, i, ...tap]);
        }
      }
      return sum;
    });
  },
  maxPool2d: foldPixels((values) => Math.max(...values)),
  averagePool2d: foldPixels((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  resizeBilinear: (node, [x = new Float64Array()]) => {
    const [, , h = 0, w = 0] = node.input(0).shape;
    const [, , outH = 0, outW = 0] = node.shape;
    // Pixel centres lie at 0.5, 1.5, …; beyond the outermost ones the image goes on as it ends.
    const between = (position: number, size: number, outSize: number): [number, number, number] => {
      const source = Math.min(Math.max(((position + 0.5) * size) / outSize - 0.5, 0), size - 1);
      return [Math.floor(source), Math.ceil(source), source - Math.floor(source)];
    };
    return fill(node.shape, ([n = 0, c = 0, row = 0, column = 0]) => {
      const [top, bottom, down] = between(row, h, outH);
      const [left, right, across] = between(column, w, outW);
      const at = (y: number, z: number): number => element(x, node.input(0).shape, [n, c, y, z]);
      const alongRow = (y: number): number => (1 - across) * at(y, left) + across * at(y, right);
      return (1 - down) * alongRow(top) + down * alongRow(bottom);
    });
  },
};
