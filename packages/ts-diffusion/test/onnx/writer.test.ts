import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OnnxError, decodeModel } from '../../src/onnx/schema.js';
import { readModelSummary } from './model-summary.js';
import { OnnxGraphBuilder, PRODUCER_VERSION } from '../../src/onnx/writer.js';
import golden from '../golden/onnx-model.json' with { type: 'json' };

/** The bytes of `goldenGraph`, made by bench/golden/onnx_model.py. */
const goldenModel = Buffer.from(golden.base64, 'base64');

/** Every kind of attribute, tensor and dimension that the writer knows. */
function goldenGraph(): OnnxGraphBuilder {
  const graph = new OnnxGraphBuilder('golden', { metadata: { prediction: 'x0', note: 'größer' } });
  graph.input('x', 'float32', ['batch', 1, 4, 4]);
  graph.input('label', 'int64', ['batch']);
  const weights = Float32Array.from({ length: 9 }, (_, i) => (i - 4) / 4);
  graph.initializer(weights, [1, 1, 3, 3], 'weight');
  graph.initializer(BigInt64Array.of(0n, 0n, 0n, 1n, 0n, 0n, 0n, 1n), [8], 'pads');
  graph.initializer(BigInt64Array.of(3n, 3n), [2], 'parts');
  graph.initializer(Float32Array.of(0.5), [], 'maximum');
  graph.node('Conv', ['x', 'weight'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: 1 }, ['conv']);
  graph.node('LeakyRelu', ['conv'], { alpha: { float: 0.25 } }, ['relu']);
  graph.node('Pad', ['relu', 'pads'], { mode: 'reflect' }, ['padded']);
  graph.node('Split', ['padded', 'parts'], { axis: -1 }, ['left', 'right']);
  graph.node('Clip', ['right', '', 'maximum'], {}, ['clipped']);
  graph.node('Greater', ['left', 'clipped'], {}, ['mask']);
  graph.output('mask', 'bool', ['batch', 1, 4, 3]);
  return graph;
}

describe('OnnxGraphBuilder', () => {
  it(`writes byte for byte what ${golden.origin.versions} writes`, () => {
    expect(Buffer.from(goldenGraph().build()).equals(goldenModel)).toBe(true);
  });

  it('shares small constants of equal type, shape and bits, and nothing else', () => {
    const graph = new OnnxGraphBuilder('constants');
    const one = graph.initializer(Float32Array.of(1), []);
    expect(graph.initializer(Float32Array.of(1), [])).toBe(one);
    const others = [
      graph.initializer(Float32Array.of(1), [1]),
      graph.initializer(Float32Array.of(2), []),
      graph.initializer(BigInt64Array.of(1n), []),
      graph.initializer(Float32Array.of(1), [], 'named'),
      graph.initializer(Float32Array.of(0), []),
      graph.initializer(Float32Array.of(-0), []),
      graph.initializer(new Float32Array(1000), [1000]),
      graph.initializer(new Float32Array(1000), [1000]),
    ];
    expect(new Set([one, ...others]).size).toBe(9);
    expect(readModelSummary(graph.build()).initializers).toBe(9);
  });

  it('keeps a shared constant when the array it came from is used again', () => {
    const graph = new OnnxGraphBuilder('scratch');
    const scratch = Float32Array.of(1, 2);
    graph.initializer(scratch, [2]);
    scratch.fill(9);
    const stored = decodeModel(graph.build()).graph?.initializer?.[0]?.rawData ?? new Uint8Array();
    expect([...new Float32Array(Uint8Array.from(stored).buffer)]).toEqual([1, 2]);
  });

  it('names outputs so that no two values clash', () => {
    const graph = new OnnxGraphBuilder('names');
    graph.input('split_0', 'float32', [4]);
    const parts = graph.node('Split', ['split_0'], { axis: 0 }, 3);
    const [sum] = graph.node('Sum', parts);
    expect(new Set(['split_0', ...parts, sum]).size).toBe(5);
  });

  it.each<[string, RegExp, (graph: OnnxGraphBuilder) => unknown]>([
    ['an undefined input', /Relu uses the value 'y', which is not defined/, (graph) => graph.node('Relu', ['y'])],
    ['a value defined twice', /output of Relu 'x'/, (graph) => graph.node('Relu', ['x'], {}, ['x'])],
    [
      'an output defined twice',
      /'x' is declared twice/,
      (graph) =>
        [0, 1].map(() => {
          graph.output('x', 'float32', [2]);
        }),
    ],
    ['a fraction without { float }', /'alpha' is 0.5/, (graph) => graph.node('Elu', ['x'], { alpha: 0.5 })],
    ['a fraction among integers', /'perm' is 0.5/, (graph) => graph.node('Transpose', ['x'], { perm: [0.5] })],
    ['too few elements', /\[3\] needs 3 elements, got 1/, (graph) => graph.initializer(Float32Array.of(1), [3])],
    [
      'an output that nothing produces',
      /nothing produces the declared output 'z'/,
      (graph) => {
        graph.output('z', 'float32', [2]);
        graph.build();
      },
    ],
  ])('refuses %s', (_, message, action) => {
    const graph = new OnnxGraphBuilder('refusals');
    graph.input('x', 'float32', [2]);
    expect(() => action(graph)).toThrow(OnnxError);
    const again = new OnnxGraphBuilder('refusals');
    again.input('x', 'float32', [2]);
    expect(() => action(again)).toThrow(message);
  });

  it("names this package's version as the producer's", () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(PRODUCER_VERSION).toBe((JSON.parse(text) as { version: string }).version);
  });
});

describe('readModelSummary', () => {
  it('reads what the official Python package wrote', () => {
    expect(readModelSummary(goldenModel)).toEqual({
      producer: 'ts-diffusion 0.1.0',
      opset: 17,
      inputs: [
        { name: 'x', dtype: 'float32', shape: ['batch', 1, 4, 4] },
        { name: 'label', dtype: 'int64', shape: ['batch'] },
      ],
      outputs: [{ name: 'mask', dtype: 'bool', shape: ['batch', 1, 4, 3] }],
      operators: { Conv: 1, LeakyRelu: 1, Pad: 1, Split: 1, Clip: 1, Greater: 1 },
      initializers: 4,
      metadata: { prediction: 'x0', note: 'größer' },
    });
  });

  it('refuses a model that was cut off', () => {
    expect(() => readModelSummary(goldenModel.subarray(0, goldenModel.length - 60))).toThrow(OnnxError);
  });
});

describe('decodeModel', () => {
  it('reads attributes, dimensions and tensors of the golden model', () => {
    const { graph, irVersion } = decodeModel(goldenModel);
    expect(irVersion).toBe(9);
    expect(graph?.node?.[3]?.attribute?.[0]).toEqual({ name: 'axis', i: -1, type: 2 });
    expect(graph?.node?.[0]?.attribute?.[0]).toEqual({ name: 'kernel_shape', ints: [3, 3], type: 7 });
    expect(graph?.node?.[4]?.input).toEqual(['right', '', 'maximum']);
    expect(graph?.initializer?.[0]?.dims).toEqual([1, 1, 3, 3]);
  });

  it('reads packed and unpacked repeated numbers alike', () => {
    // AttributeProto { name: "a", ints (field 8): 1, 300 } inside ModelProto.graph.node.attribute, hand-assembled.
    const model = (attribute: number[]): Uint8Array => {
      const wrap = (tag: number, body: number[]): number[] => [tag, body.length, ...body];
      return Uint8Array.from(wrap(0x3a, wrap(0x0a, wrap(0x2a, attribute))));
    };
    const packed = decodeModel(model([0x0a, 1, 0x61, 0x42, 3, 1, 0xac, 2]));
    const unpacked = decodeModel(model([0x0a, 1, 0x61, 0x40, 1, 0x40, 0xac, 2]));
    expect(packed.graph?.node?.[0]?.attribute).toEqual([{ name: 'a', ints: [1, 300] }]);
    expect(unpacked).toEqual(packed);
  });
});
