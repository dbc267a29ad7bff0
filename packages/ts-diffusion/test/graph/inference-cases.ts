import * as g from '../../src/graph/index.js';
import type { PrimitiveCase } from './primitive-case.js';

const image = [2, 3, 7, 6] as const;

/** Inception-v3's windows in small: strides, one-sided kernels, padding, and a last column that no window reaches. */
const windows: readonly g.SlidingWindow[] = [
  { kernel: [3, 3], stride: 2 },
  { kernel: [3, 3], stride: 1, padding: [1, 1] },
  { kernel: [1, 5], padding: [0, 2] },
  { kernel: [5, 1], padding: [2, 0] },
  { kernel: [2, 4], stride: 3, padding: [1, 2] },
];

const convolution = ({ kernel, ...options }: g.SlidingWindow): PrimitiveCase => ({
  inputs: [image, [4, 3, ...kernel], [4]],
  build: (x, filter, bias) => g.stridedConv2d(x, filter, bias, options),
});

/** Cases of the primitives that are for inference only. */
export const inferenceCases = {
  stridedConv2d: [{ kernel: [1, 1] } as const, ...windows].map(convolution),
  maxPool2d: windows.map((window) => ({ inputs: [image], build: (x) => g.maxPool2d(x, window) })),
  averagePool2d: windows.map((window) => ({ inputs: [image], build: (x) => g.averagePool2d(x, window) })),
  resizeBilinear: (
    [
      [7, 6],
      [15, 29],
      [4, 3],
      [1, 40],
    ] as const
  ).map((size) => ({ inputs: [image], build: (x) => g.resizeBilinear(x, size) })),
} satisfies Record<string, readonly PrimitiveCase[]>;
