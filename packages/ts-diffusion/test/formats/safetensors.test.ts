import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.js';

// safetensors 0.8.0 (Python): save({'b.weight': float32 [[1.5, -2], [0.25, 3e-5]], 'a.bias': float32 [7]}, {'step': '12'})
const golden = Buffer.from(
  '98000000000000007b225f5f6d657461646174615f5f223a7b2273746570223a223132227d2c22612e62696173223a7b226474797065223a2246' +
    '3332222c227368617065223a5b315d2c22646174615f6f666673657473223a5b302c345d7d2c22622e776569676874223a7b226474797065223a' +
    '22463332222c227368617065223a5b322c325d2c22646174615f6f666673657473223a5b342c32305d7d7d200000e0400000c03f000000c00000' +
    '803e82a8fb37',
  'hex',
);
const tensors = new Map([
  ['a.bias', { shape: [1], data: Float32Array.of(7) }],
  ['b.weight', { shape: [2, 2], data: Float32Array.of(1.5, -2, 0.25, 3e-5) }],
]);

test('reads what the reference implementation writes', () => {
  expect(decodeSafetensors(golden, 'golden')).toEqual({ tensors, metadata: { step: '12' } });
});

test('writes the very bytes of the reference implementation', () => {
  expect(Buffer.from(encodeSafetensors(tensors, { step: '12' })).toString('hex')).toBe(golden.toString('hex'));
});

// safetensors 0.8.0 (Python): save({'w': float16 [[1.5, -2], [0.1, 3e-5]]}, {'step': '12'})
const goldenHalf = Buffer.from(
  '58000000000000007b225f5f6d657461646174615f5f223a7b2273746570223a223132227d2c2277223a7b226474797065223a22463136222c22' +
    '7368617065223a5b322c325d2c22646174615f6f666673657473223a5b302c385d7d7d202020003e00c0662ef701',
  'hex',
);

test('writes and reads float16 as the reference implementation does', () => {
  const named = new Map([['w', { shape: [2, 2], data: Float32Array.of(1.5, -2, 0.1, 3e-5) }]]);
  expect(Buffer.from(encodeSafetensors(named, { step: '12' }, 'F16')).toString('hex')).toBe(goldenHalf.toString('hex'));
  const { data = [] } = decodeSafetensors(goldenHalf, 'half').tensors.get('w') ?? {};
  expect([...data]).toEqual([1.5, -2, 0.0999755859375, 503 * 2 ** -24]);
});

test('keeps subnormals and -0 to the bit', () => {
  const bits = Uint32Array.of(0x00000001, 0x80000000, 0x7f7fffff, 0x3f800001);
  const file = encodeSafetensors(new Map([['x', { shape: [4], data: new Float32Array(bits.buffer) }]]));
  const back = decodeSafetensors(file, 'x').tensors.get('x');
  expect(new Uint32Array(back?.data.buffer ?? new ArrayBuffer(0))).toEqual(bits);
});

test.each([
  ['F32', NaN],
  ['F32', Infinity],
  ['F16', -Infinity],
] as const)('a %s weight of %s is refused', (dtype, value) => {
  const file = encodeSafetensors(new Map([['x', { shape: [3], data: Float32Array.of(1, 2, value) }]]), {}, dtype);
  expect(() => decodeSafetensors(file, 'x')).toThrow(
    `tensor "x" has ${value} as element 2; weights are finite float32 numbers`,
  );
});

test('a tensor without elements and a scalar survive', () => {
  const odd = new Map([
    ['empty', { shape: [0, 3], data: new Float32Array(0) }],
    ['scalar', { shape: [], data: Float32Array.of(5) }],
  ]);
  expect(decodeSafetensors(encodeSafetensors(odd), 'odd').tensors).toEqual(odd);
});

test('reads from a view that is not aligned', () => {
  const shifted = new Uint8Array(golden.length + 3);
  shifted.set(golden, 3);
  expect(decodeSafetensors(shifted.subarray(3), 'shifted').tensors).toEqual(tensors);
});

/** A file of one tensor. */
function fileOf(dtype: string, data: Uint8Array, elementBytes: number): Uint8Array {
  const shape = [data.length / elementBytes];
  const header = Buffer.from(JSON.stringify({ x: { dtype, shape, data_offsets: [0, data.length] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

describe('other types of floating point are read as float32', () => {
  test('bfloat16: 1, pi, -1/2, the smallest and the largest', () => {
    const bits = Buffer.from(Uint16Array.of(0x3f80, 0x4049, 0xbf00, 0x0001, 0x7f7f).buffer);
    const { data } = decodeSafetensors(fileOf('BF16', bits, 2), 'f').tensors.get('x') ?? {};
    expect(data).toEqual(Float32Array.of(1, 3.140625, -0.5, 2 ** -133, (2 - 2 ** -7) * 2 ** 127));
  });

  test('float64, rounded', () => {
    const bytes = Buffer.from(Float64Array.of(1, 0.1, -1e-300).buffer);
    const { data } = decodeSafetensors(fileOf('F64', bytes, 8), 'f').tensors.get('x') ?? {};
    expect(data).toEqual(Float32Array.of(1, Math.fround(0.1), -0));
  });

  test.each([
    ['BF16', Buffer.from(Uint16Array.of(0x3f80, 0x7f80).buffer), 2],
    ['F64', Buffer.from(Float64Array.of(0, 1e39).buffer), 8],
  ])('%s beyond float32 is refused', (dtype, bytes, elementBytes) => {
    expect(() => decodeSafetensors(fileOf(dtype, bytes, elementBytes), 'f')).toThrow(
      'tensor "x" has Infinity as element 1; weights are finite float32 numbers',
    );
  });
});

test('refuses to write a shape that does not fit its data', () => {
  expect(() => encodeSafetensors(new Map([['x', { shape: [3], data: new Float32Array(2) }]]))).toThrow(
    /"x" of shape \[3\]/,
  );
});

describe('a damaged file', () => {
  test('cut anywhere is refused', () => {
    for (let length = 0; length < golden.length; length++) {
      expect(() => decodeSafetensors(golden.subarray(0, length), 'cut')).toThrow(/^cut: not a valid safetensors file/);
    }
  });

  test('with a rest is refused', () => {
    expect(() => decodeSafetensors(Buffer.concat([golden, Buffer.alloc(4)]), 'f')).toThrow(
      /4 bytes follow the last tensor/,
    );
  });

  test.each([
    ['no JSON', '{"x"', /header at byte 8 is not JSON/],
    ['no object', '[]', /not a JSON object/],
    ['metadata that are no strings', '{"__metadata__":{"step":12}}', /"__metadata__.step" is not a string/],
    [
      'another type',
      '{"x":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}',
      /"x" has dtype "F8_E4M3"; only F32, F16, BF16 and F64 are read here; save it as one of these/,
    ],
    ['an unknown type', '{"x":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}', /"x" has unknown dtype "F33"/],
    ['a negative size', '{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', /"x" has shape \[-1\]/],
    ['no offsets', '{"x":{"dtype":"F32","shape":[1]}}', /"x" has data_offsets undefined/],
    [
      'offsets that do not fit the shape',
      '{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}',
      /needs 8 bytes.*span 4/,
    ],
    [
      'overlapping tensors',
      '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      /"y" begins at data byte 0 where 4 was expected: it overlaps/,
    ],
    [
      'a gap',
      '{"x":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}',
      /"x" begins at data byte 4 where 0 was expected/,
    ],
    [
      'data outside the file',
      '{"x":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}',
      /ends at byte \d+, but the file has/,
    ],
  ])('with %s is refused', (_, header, message) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const file = Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)]);
    expect(() => decodeSafetensors(file, 'f')).toThrow(message);
  });
});
