import * as g from '../../src/graph/index.js';
import type { Operation, Shape, Tensor } from '../../src/graph/index.js';
import { inferenceCases } from './inference-cases.js';
import type { PrimitiveCase } from './primitive-case.js';

const image = [2, 3, 4, 6] as const;
const asImage =
  (build: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): Tensor =>
    g.toArray(build(...inputs.map(g.toImage)));
const binaryCases = (f: (a: Tensor, b: Tensor) => Tensor, positive = false): PrimitiveCase[] => [
  {
    inputs: [
      [3, 4],
      [3, 4],
    ],
    positive,
    build: f,
  },
  {
    inputs: [
      [3, 4],
      [1, 4],
    ],
    positive,
    build: f,
  },
  {
    inputs: [
      [3, 1],
      [3, 4],
    ],
    positive,
    build: f,
  },
  { inputs: [[], [3, 4]], positive, build: f },
  { inputs: [image, image], positive, build: asImage(f) },
  { inputs: [image, [2, 3, 1, 1]], positive, build: asImage(f) },
  { inputs: [[1, 3, 1, 1], image], positive, build: asImage(f) },
];
const unaryCases = (f: (x: Tensor) => Tensor, positive = false): PrimitiveCase[] => [
  { inputs: [[3, 5]], positive, build: f },
  { inputs: [image], positive, build: asImage(f) },
];
/** Angles up to 50,000, the largest T, as of a timestep embedding; whole numbers, which float32 holds exactly. */
const largeAngles = (f: (x: Tensor) => Tensor): PrimitiveCase => ({
  inputs: [[1]],
  build: (x) => f(g.add(g.mul(x, g.scalar(0)), g.constant([0, 1, -3, 250, 999, 1000, 2345, 3999, 49_999]))),
});
const piecewiseConstant = (cases: PrimitiveCase[]): PrimitiveCase[] =>
  cases.map((each) => ({ ...each, differentiable: [] }));

/** Filters [O, K, K, I], input [N, I, H, W]; each gradient rule of conv2d has its own path per combination. */
const convolutions: { x: Shape; filter: Shape; padding: number }[] = [
  { x: [2, 2, 4, 5], filter: [3, 3, 3, 2], padding: 1 },
  { x: [3, 3, 4, 4], filter: [2, 3, 3, 3], padding: 1 },
  { x: [2, 1, 5, 4], filter: [3, 3, 3, 1], padding: 1 },
  { x: [2, 3, 4, 5], filter: [5, 1, 1, 3], padding: 0 },
  { x: [2, 3, 4, 5], filter: [1, 1, 1, 3], padding: 0 },
  { x: [2, 1, 6, 6], filter: [2, 5, 5, 1], padding: 2 },
  { x: [2, 2, 6, 5], filter: [1, 5, 5, 2], padding: 0 },
  { x: [2, 1, 6, 7], filter: [2, 5, 5, 1], padding: 0 },
];
const outputOf = ({ x, filter, padding }: (typeof convolutions)[number]): Shape => {
  const [n = 0, , h = 0, w = 0] = x;
  const [o = 0, k = 0] = filter;
  return [n, o, h + 2 * padding - k + 1, w + 2 * padding - k + 1];
};

export const primitiveCases: Record<Operation, readonly PrimitiveCase[]> = {
  input: [{ inputs: [[2, 3]], build: (x) => g.add(x, x) }],
  constant: [{ inputs: [[2, 3]], build: (x) => g.mul(x, g.constant([1, -2, 3, 4, 0.5, -6], [2, 3])) }],
  add: binaryCases(g.add),
  sub: binaryCases(g.sub),
  mul: binaryCases(g.mul),
  div: binaryCases(g.div, true),
  neg: unaryCases(g.neg),
  exp: unaryCases(g.exp),
  log: unaryCases(g.log, true),
  sqrt: unaryCases(g.sqrt, true),
  sin: [...unaryCases(g.sin), largeAngles(g.sin)],
  cos: [...unaryCases(g.cos), largeAngles(g.cos)],
  square: unaryCases(g.square),
  sigmoid: unaryCases(g.sigmoid),
  silu: unaryCases(g.silu),
  softmax: [
    { inputs: [[4]], build: g.softmax },
    { inputs: [[2, 3, 4]], build: g.softmax },
  ],
  abs: unaryCases(g.abs),
  relu: unaryCases(g.relu),
  sign: piecewiseConstant(unaryCases(g.sign)),
  greater: piecewiseConstant(binaryCases((a, b) => g.cast(g.greater(a, b)))),
  equal: piecewiseConstant([
    { inputs: [[3, 4]], build: (x) => g.cast(g.equal(g.relu(x), g.scalar(0))) },
    { inputs: [image], build: asImage((x) => g.cast(g.equal(x, g.relu(x)))) },
  ]),
  cast: piecewiseConstant(unaryCases((x) => g.cast(g.greater(x, g.scalar(0.1))))),
  reduceSum: [
    { inputs: [[3, 4, 5]], build: (x) => g.reduceSum(x, [1]) },
    { inputs: [[3, 4, 5]], build: (x) => g.reduceSum(x, [0, 2], { keepDimensions: true }) },
    { inputs: [[3, 4]], build: (x) => g.reduceSum(x, [0, 1]) },
    { inputs: [image], build: (x) => g.reduceSum(g.toImage(x), [0, 1, 2, 3]) },
    { inputs: [image], build: (x) => g.reduceSum(g.toImage(x), [0, 2, 3]) },
    { inputs: [image], build: (x) => g.reduceSum(g.toImage(x), [2, 3]) },
    { inputs: [image], build: asImage((x) => g.reduceSum(x, [2, 3], { keepDimensions: true })) },
    { inputs: [image], build: asImage((x) => g.reduceSum(x, [0, 2], { keepDimensions: true })) },
  ],
  broadcast: [
    { inputs: [[3, 1]], build: (x) => g.broadcastLike(x, { shape: [3, 4], dtype: 'float32', image: false }) },
    { inputs: [[]], build: (x) => g.broadcastLike(x, { shape: [3, 4], dtype: 'float32', image: false }) },
    {
      inputs: [[2, 3, 1, 1]],
      build: asImage((x) => g.broadcastLike(x, { shape: image, dtype: 'float32', image: true })),
    },
  ],
  reshape: [{ inputs: [[3, 4]], build: (x) => g.reshape(x, [2, 6]) }],
  transpose: [
    { inputs: [[3, 4]], build: (x) => g.transpose(x, [1, 0]) },
    { inputs: [[2, 3, 4]], build: (x) => g.transpose(x, [2, 0, 1]) },
  ],
  toImage: [{ inputs: [image], build: asImage((x) => g.mul(x, x)) }],
  toArray: [{ inputs: [image], build: (x) => g.reshape(g.toArray(g.toImage(x)), [6, 24]) }],
  slice: [
    { inputs: [[7]], build: (x) => g.slice(x, 0, 2, 5) },
    { inputs: [image], build: asImage((x) => g.slice(x, 1, 1, 3)) },
    { inputs: [image], build: asImage((x) => g.slice(x, 2, 0, 3)) },
  ],
  pad: [
    { inputs: [[3, 2]], build: (x) => g.pad(x, 1, 2, 1) },
    { inputs: [image], build: asImage((x) => g.pad(x, 1, 1, 0)) },
  ],
  concat: [
    {
      inputs: [
        [2, 3],
        [2, 1],
        [2, 2],
      ],
      build: (...x) => g.concat(x, 1),
    },
    { inputs: [image, [2, 1, 4, 6]], build: asImage((...x) => g.concat(x, 1)) },
    { inputs: Array.from({ length: 20 }, (_, i) => [i + 1]), build: (...x) => g.concat(x, 0) },
  ],
  matmul: [
    {
      inputs: [
        [3, 4],
        [4, 2],
      ],
      build: (a, b) => g.matmul(a, b),
    },
    {
      inputs: [
        [4, 3],
        [4, 2],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true }),
    },
    {
      inputs: [
        [3, 4],
        [2, 4],
      ],
      build: (a, b) => g.matmul(a, b, { transposeB: true }),
    },
    {
      inputs: [
        [4, 3],
        [2, 4],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true, transposeB: true }),
    },
    {
      inputs: [
        [2, 3, 4],
        [2, 4, 5],
      ],
      build: (a, b) => g.matmul(a, b),
    },
    {
      inputs: [
        [2, 4, 3],
        [2, 5, 4],
      ],
      build: (a, b) => g.matmul(a, b, { transposeA: true, transposeB: true }),
    },
  ],
  conv2d: convolutions.flatMap(({ x, filter, padding }) => [
    { inputs: [x, filter], build: (a: Tensor, w: Tensor) => g.toArray(g.conv2d(g.toImage(a), w, { padding })) },
    {
      inputs: [x, filter, [filter[0] ?? 0]],
      build: (a: Tensor, w: Tensor, bias: Tensor) => g.toArray(g.conv2d(g.toImage(a), w, { padding, bias })),
    },
  ]),
  conv2dInputGradient: convolutions.map((each) => ({
    inputs: [outputOf(each), each.filter],
    build: (dy: Tensor, w: Tensor) => g.toArray(g.conv2dInputGradient(g.toImage(dy), w, each.padding)),
  })),
  conv2dFilterGradient: convolutions.map((each) => ({
    inputs: [each.x, outputOf(each)],
    build: (x: Tensor, dy: Tensor) =>
      g.conv2dFilterGradient(g.toImage(x), g.toImage(dy), { kernel: each.filter[1] ?? 0, padding: each.padding }),
  })),
  maxPool2x2: [{ inputs: [image], build: asImage(g.maxPool) }],
  maxPool2x2Gradient: [
    {
      inputs: [image, [2, 3, 2, 3]],
      differentiable: [1],
      build: asImage((x, dy) => g.maxPoolGradient(x, g.maxPool(x), dy)),
    },
    {
      // min(x, 0), so that in most windows two, three or four elements tie.
      inputs: [image, [2, 3, 2, 3]],
      differentiable: [1],
      build: asImage((x, dy) => {
        const tied = g.neg(g.relu(g.neg(x)));
        return g.maxPoolGradient(tied, g.maxPool(tied), dy);
      }),
    },
  ],
  sumPool2x2: [{ inputs: [image], build: asImage(g.sumPool) }],
  upsampleNearest2x: [{ inputs: [image], build: asImage(g.upsampleNearest) }],
  depthToSpace: [
    { inputs: [[2, 8, 3, 4]], build: asImage((x) => g.depthToSpace(x)) },
    { inputs: [[2, 32, 2, 1]], build: asImage((x) => g.depthToSpace(x, 4)) },
  ],
  spaceToDepth: [
    { inputs: [image], build: asImage((x) => g.spaceToDepth(x)) },
    { inputs: [[2, 3, 4, 8]], build: asImage((x) => g.spaceToDepth(x, 4)) },
  ],
  ...inferenceCases,
};
