import { expect, test } from 'vitest';
import { decodeTypedTensors, encodeTypedTensors } from '../../src/formats/typed-tensors.js';
import { decodeRawSafetensors, encodeRawSafetensors } from '../../src/formats/safetensors-layout.js';

const tensors = new Map([
  ['bytes', { shape: [3], data: Uint8Array.of(0, 128, 255) }],
  ['integers', { shape: [1, 2], data: Int32Array.of(-2, 2 ** 30) }],
  ['floats', { shape: [2], data: Float32Array.of(-0, 1e-40) }],
]);

test('bytes, integers and floats are kept to the bit', () => {
  const file = encodeTypedTensors({ tensors, metadata: { note: 'ä"' } });
  const read = decodeTypedTensors(file, 'a file');
  expect(read?.tensors).toEqual(tensors);
  expect(read?.metadata['note']).toBe('ä"');
});
test('any other byte is noticed', () => {
  const file = encodeTypedTensors({ tensors, metadata: {} });
  file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
  expect(decodeTypedTensors(file, 'a file')).toBeNull();
});

// safetensors 0.8.0 (Python, safetensors.torch): save({'a': uint8 [1, 255], 'b': int32 [[-2], [7]]}, {'x': 'y'})
const golden = Buffer.from(
  '88000000000000007b225f5f6d657461646174615f5f223a7b2278223a2279227d2c2262223a7b226474797065223a22493332222c2273686170' +
    '65223a5b322c315d2c22646174615f6f666673657473223a5b302c385d7d2c2261223a7b226474797065223a225538222c227368617065223a5b' +
    '325d2c22646174615f6f666673657473223a5b382c31305d7d7d2020feffffff0700000001ff',
  'hex',
);
test('the layout is that of the reference implementation', () => {
  const raw = decodeRawSafetensors(golden, 'golden', { U8: 1, I32: 4 });
  expect(raw.tensors.map(({ name, dtype, shape, bytes }) => ({ name, dtype, shape, bytes: [...bytes] }))).toEqual([
    { name: 'b', dtype: 'I32', shape: [2, 1], bytes: [254, 255, 255, 255, 7, 0, 0, 0] },
    { name: 'a', dtype: 'U8', shape: [2], bytes: [1, 255] },
  ]);
  const [b, a] = raw.tensors;
  const again = encodeRawSafetensors(
    [b, a].flatMap((tensor) => tensor ?? []),
    { x: 'y' },
    { U8: 1, I32: 4 },
  );
  expect(Buffer.from(again).toString('hex')).toBe(golden.toString('hex'));
});
