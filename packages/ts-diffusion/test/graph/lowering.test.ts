import { describe, expect, it } from 'vitest';
import * as g from '../../src/graph/index.js';
import { readModelSummary } from '../onnx/model-summary.js';

const options = { name: 'test', target: g.loweringTarget('cpu', 'inference') };
const array = (...shape: number[]): g.Tensor => g.input(`array${shape.join('x')}`, shape);
const image = (...shape: number[]): g.Tensor => g.toImage(array(...shape));

describe('a shape error names the operation and the shapes, when the graph is built', () => {
  it.each([
    [() => g.add(array(3, 4), array(2, 4)), 'add: cannot combine [3,4] and [2,4]'],
    [() => g.add(array(3), array(2, 3)), 'add: cannot combine [3] and [2,3]'],
    [() => g.greater(array(2, 3), array(1)), 'greater: cannot combine [2,3] and [1]'],
    [() => g.mul(image(1, 2, 3, 4), array(1, 2, 3, 4)), 'mul: cannot combine image [1,2,3,4] and [1,2,3,4]'],
    [() => g.add(g.greater(array(2), array(2)), array(2)), 'add: cannot combine bool[2] and [2]'],
    [() => g.exp(g.greater(array(2), array(2))), 'exp: expected float32, got bool[2]'],
    [() => g.matmul(array(3, 4), array(3, 4)), 'matmul: [3,4] and [3,4] do not multiply'],
    [() => g.matmul(array(3, 4), array(3, 5), { transposeB: true }), 'matmul: [3,4] and [3,5]ᵀ do not multiply'],
    [() => g.reshape(array(3, 4), [5]), 'reshape: [3,4] cannot become [5]'],
    [() => g.transpose(array(3, 4), [0, 0]), 'transpose: [0,0] does not permute the axes of [3,4]'],
    [() => g.concat([array(2, 3), array(3, 3)], 1), 'concat on axis 1: [2,3] and [3,3] differ elsewhere'],
    [() => g.concat([array(2, 3), array(2)], 1), 'concat on axis 1: [2,3] and [2] differ elsewhere'],
    [() => g.concat([array(3), g.scalar(1)], 0), 'concat on axis 0: [3] and [] differ elsewhere'],
    [() => g.slice(array(4), 0, 2, 5), 'slice: 2..5 on axis 0 lies outside [4]'],
    [() => g.reduceSum(array(4), [1]), 'reduceSum: axes [1] do not exist in [4]'],
    [() => g.conv2d(array(1, 2, 8, 8), array(4, 3, 3, 2)), 'conv2d: expected an image [N,C,H,W], got [1,2,8,8]'],
    [
      () => g.conv2d(image(1, 2, 8, 8), array(4, 3, 3, 5)),
      'conv2d: image [1,2,8,8] has 2 channels, filter [4,3,3,5] takes 5',
    ],
    [
      () => g.conv2d(image(1, 2, 8, 8), array(4, 3, 3, 2), { bias: array(3) }),
      'conv2d: filter [4,3,3,2] needs a bias [4], got [3]',
    ],
    [
      () => g.conv2d(image(1, 2, 8, 8), array(4, 3, 3, 2), { padding: 3 }),
      'conv2d: padding of image [1,2,8,8] and [4,3,3,2] must be 0..2, got 3',
    ],
    [
      () => g.conv2dInputGradient(image(1, 4, 8, 8), array(4, 1, 1, 2), 1),
      'conv2dInputGradient: padding of image [1,4,8,8] and [4,1,1,2] must be 0..0, got 1',
    ],
    [
      () => g.conv2dFilterGradient(image(1, 2, 8, 8), image(1, 4, 8, 8), { kernel: 3, padding: -1 }),
      'conv2dFilterGradient: padding of image [1,2,8,8] and image [1,4,8,8] must be 0..2, got -1',
    ],
    [() => g.maxPool(image(1, 2, 7, 8)), 'maxPool2x2: height and width of image [1,2,7,8] must be even'],
    [
      () => g.stridedConv2d(array(1, 2, 8, 8), array(4, 3, 1, 7), array(4)),
      'stridedConv2d: [1,2,8,8] has 2 channels, [4,3,1,7] takes 3',
    ],
    [
      () => g.stridedConv2d(array(1, 2, 8, 8), array(4, 2, 1, 7), array(2)),
      'stridedConv2d: filter [4,2,1,7] needs a bias [4], got [2]',
    ],
    [
      () => g.averagePool2d(image(1, 2, 8, 8), { kernel: [3, 3] }),
      'averagePool2d: expected an array [N,C,H,W], got image [1,2,8,8]',
    ],
    [() => g.maxPool2d(array(1, 2, 8, 2), { kernel: [3, 3] }), 'maxPool2d: [1,2,8,2] is smaller than the window [3,3]'],
    [
      () => g.maxPool2d(array(1, 2, 8, 8), { kernel: [1, 3], padding: [1, 1] }),
      'maxPool2d: padding [1,1] is as large as the window [1,3]',
    ],
    [() => g.resizeBilinear(array(8, 8), [4, 4]), 'resizeBilinear: expected an array [N,C,H,W], got [8,8]'],
    [() => g.constant([1, 2, 3], [2]), 'constant: 3 numbers do not fill the shape [2]'],
  ])('%#', (build, message) => {
    expect(build).toThrow(g.ShapeError);
    expect(build).toThrow(message);
  });
});

describe('lowering', () => {
  it('computes equal subexpressions once', () => {
    const [a, b] = [array(3, 4), array(1, 4)];
    const sum = (): g.Tensor => g.mul(g.exp(g.add(a, b)), g.scalar(2));
    const model = g.lower({ output: g.add(sum(), g.neg(sum())) }, options);
    expect(readModelSummary(model).operators).toEqual({ Add: 2, Exp: 1, Mul: 1, Neg: 1, Identity: 1 });
  });

  it('tells apart what only looks alike', () => {
    const a = array(4, 4);
    const model = g.lower(
      { output: g.add(g.transpose(a, [1, 0]), g.mul(g.slice(a, 0, 0, 1), g.slice(a, 0, 1, 2))) },
      options,
    );
    expect(readModelSummary(model).operators).toMatchObject({ Slice: 2, Transpose: 1 });
  });

  it('leaves out what no output needs', () => {
    const a = array(2, 2);
    g.exp(a);
    expect(readModelSummary(g.lower({ output: g.neg(a) }, options)).operators).toEqual({ Neg: 1, Identity: 1 });
  });

  it('refuses an image as output, and two inputs of one name', () => {
    expect(() => g.lower({ output: image(1, 2, 3, 4) }, options)).toThrow('output output is image [1,2,3,4]');
    const twins = g.add(g.reduceSum(g.input('x', [2]), [0]), g.reduceSum(g.input('x', [3]), [0]));
    expect(() => g.lower({ twins }, options)).toThrow('two inputs named x: [2] and [3]');
  });

  it('gives dynamic batches a symbolic first axis', () => {
    const { inputs, outputs } = readModelSummary(
      g.lower({ y: g.neg(g.input('x', [1, 5])) }, { ...options, dynamicBatch: 'batch' }),
    );
    expect([inputs, outputs].flat().map(({ shape }) => shape)).toEqual([
      ['batch', 5],
      ['batch', 5],
    ]);
  });
});
