import type { RandomStream } from '../../src/utils/random.js';

/** Numbers at the edges of the fields that file formats have. */
const EXTREMES = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1] as const;
const EXTREME_TEXTS = [
  '0',
  '-1',
  '1e9',
  '1e308',
  '-0',
  '99999999999999999999',
  '0.5',
  'null',
  '""',
  '[]',
  '{}',
] as const;

type Mutation = (bytes: Uint8Array, random: RandomStream) => Uint8Array;

const place = (bytes: Uint8Array, random: RandomStream): number => random.integer(Math.max(1, bytes.length));

/** Half of the places are in the first 512 bytes, where formats keep what they promise. */
const headPlace = (bytes: Uint8Array, random: RandomStream): number =>
  random.integer(2) === 0 ? random.integer(Math.max(1, Math.min(512, bytes.length))) : place(bytes, random);

function replaceRange(bytes: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);
}

const byteMutations: readonly Mutation[] = [
  (bytes, random) => {
    const out = bytes.slice();
    for (let i = random.integer(4); i >= 0; i--) {
      const at = headPlace(bytes, random);
      out[at] = (out[at] ?? 0) ^ (1 << random.integer(8));
    }
    return out;
  },
  (bytes, random) => {
    const out = bytes.slice();
    out[headPlace(bytes, random)] = random.integer(256);
    return out;
  },
  (bytes, random) => bytes.slice(0, place(bytes, random)),
  (bytes, random) => bytes.slice(0, Math.max(0, bytes.length - 1 - random.integer(16))),
  (bytes, random) => {
    const start = headPlace(bytes, random);
    return replaceRange(bytes, start, start + 1 + random.integer(32), new Uint8Array());
  },
  (bytes, random) => {
    const start = headPlace(bytes, random);
    return replaceRange(
      bytes,
      start,
      start,
      Uint8Array.from({ length: 1 + random.integer(32) }, () => random.integer(256)),
    );
  },
  (bytes, random) => {
    const [start, from] = [headPlace(bytes, random), headPlace(bytes, random)];
    return replaceRange(bytes, start, start, bytes.slice(from, from + 1 + random.integer(64)));
  },
  (bytes, random) => {
    const field = Buffer.alloc(4);
    const value = EXTREMES[random.integer(EXTREMES.length)] ?? 0;
    if (random.integer(2) === 0) field.writeUInt32LE(value);
    else field.writeUInt32BE(value);
    const start = headPlace(bytes, random);
    return replaceRange(bytes, start, start + 4, field);
  },
  // A number in a text, in a header of JSON for one.
  (bytes, random) => {
    const text = Buffer.from(bytes.subarray(0, 65_536)).toString('latin1');
    const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
    const found = numbers[random.integer(Math.max(1, numbers.length))];
    if (found === undefined) return bytes.slice(1);
    const by = Buffer.from(EXTREME_TEXTS[random.integer(EXTREME_TEXTS.length)] ?? '0');
    return replaceRange(bytes, found.index, found.index + found[0].length, by);
  },
];

/** One to three changes of bytes. */
export function mutateBytes(bytes: Uint8Array, random: RandomStream): Uint8Array {
  let out = bytes;
  for (let i = random.integer(3); i >= 0; i--) {
    const mutation = byteMutations[random.integer(byteMutations.length)];
    if (mutation) out = mutation(out, random);
  }
  return out;
}

const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)]);
const values: readonly (() => unknown)[] = [
  () => null,
  () => -1,
  () => 0,
  () => 1,
  () => 2,
  () => 0.5,
  () => 1e9,
  () => 2 ** 53,
  () => -1e308,
  () => '',
  () => 'x'.repeat(5000),
  () => 'linear',
  () => true,
  () => [],
  () => [1, 2, 3],
  () => Array<number>(5000).fill(1),
  () => ({}),
  () => ({ length: 1e9 }),
  () => nested(60),
];

/** A copy with one to three of its members, at any depth, replaced, left out or added. */
export function mutateValue(value: unknown, random: RandomStream): unknown {
  const copy = structuredClone({ value });
  for (let i = random.integer(3); i >= 0; i--) {
    const members = allMembers(copy);
    const [holder, key] = members[random.integer(members.length)] ?? [copy, 'value'];
    const replacement = values[random.integer(values.length)];
    if (random.integer(6) === 0 && holder !== copy) Reflect.deleteProperty(holder, key);
    else Reflect.set(holder, random.integer(12) === 0 ? `${key}x` : key, replacement?.());
  }
  return copy.value;
}

function allMembers(holder: object): [object, string][] {
  return Object.entries(holder).flatMap(([key, value]: [string, unknown]) => [
    [holder, key] as [object, string],
    ...(typeof value === 'object' && value !== null ? allMembers(value) : []),
  ]);
}
