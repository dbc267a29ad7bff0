import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { holdsShards, readShards } from '../../src/node/shards/join-shards.js';
import {
  findShard,
  readShard,
  shardPath,
  writeShard,
  type ShardDescription,
} from '../../src/node/shards/shard-file.js';

const folder = mkdtempSync(join(tmpdir(), 'shards-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const set = { generation: { seed: 1, sampler: 'ddim' }, labels: 'abc' };
const shard = (index: number, of = 3, others: Partial<ShardDescription> = {}): ShardDescription => ({
  ...{
    kind: 'images',
    set,
    index,
    of,
    first: 2 * (index - 1),
    count: 2,
    total: 2 * of,
    notes: { machine: 'a machine' },
  },
  ...others,
});
const tensors = (value: number) =>
  new Map([
    ['images', { shape: [2, 1, 1, 2], data: Uint8Array.of(value, 255, 0, 7) }],
    ['labels', { shape: [2], data: Int32Array.of(-1, value) }],
    ['features', { shape: [2, 1], data: Float32Array.of(Math.fround(value / 3), -0) }],
  ]);

test('a shard is read as it was written, and found again', () => {
  const path = writeShard(folder, shard(2), tensors(9));
  expect(basename(path)).toMatch(/^images-[0-9a-f]{12}-2-of-3\.safetensors$/);
  expect(readShard(path)).toEqual({ ...shard(2), tensors: tensors(9), path });
  // Whatever the machine says of itself, it is the same shard.
  expect(findShard(folder, shard(2, 3, { notes: { machine: 'another' } }))?.path).toBe(path);
  expect(findShard(folder, shard(1))).toBeUndefined();
  expect(findShard(folder, shard(2, 3, { set: { ...set, labels: 'abd' } }))).toBeUndefined();
});

test('shards are joined in the order of their numbers, from folders and files', () => {
  const [home, away] = [join(folder, 'home'), join(folder, 'away')];
  for (const index of [12, 3, 7]) writeShard(home, shard(index, 12), tensors(index));
  const paths = [10, 1, 11, 2, 9, 4, 8, 5, 6].map((index) => writeShard(away, shard(index, 12), tensors(index)));
  const copy = join(away, 'a copy of shard 4.safetensors');
  copyFileSync(shardPath(away, shard(4, 12)), copy);
  const told: number[] = [];
  const shards = readShards([...paths, copy, home], (done) => told.push(done));
  expect(shards.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(told).toHaveLength(13);
  expect(holdsShards(home)).toBe(true);
  expect(holdsShards(folder)).toBe(true);
  expect(holdsShards(tmpdir())).toBe(false);
});

test('a copy that holds other numbers, and shards that leave a gap or the end out, are refused', () => {
  const [home, other] = [join(folder, 'one'), join(folder, 'two')];
  const [first] = [1, 2, 3].map((index) => writeShard(home, shard(index), tensors(index)));
  const odd = writeShard(other, shard(1), tensors(8));
  expect(() => readShards([home, odd])).toThrow(
    `${first ?? ''} and ${odd} are both shard 1/3, but hold other numbers; were they computed on different devices`,
  );
  const [gap, short] = [join(folder, 'gap'), join(folder, 'short')];
  writeShard(gap, shard(1, 2, { total: 6 }), tensors(1));
  writeShard(gap, shard(2, 2, { first: 4, total: 6 }), tensors(1));
  expect(() => readShards([gap])).toThrow('begins at image 4, where 2 was expected');
  writeShard(short, shard(1, 2, { total: 6 }), tensors(1));
  writeShard(short, shard(2, 2, { total: 6 }), tensors(1));
  expect(() => readShards([short])).toThrow('the shards end after 4 of 6 images');
});

test.each([
  ['a seed', { set: { ...set, generation: { seed: 2, sampler: 'ddim' } } }, 'generation.seed is 1 and 2'],
  ['a sampler', { set: { ...set, generation: { seed: 1, sampler: 'ddpm' } } }, 'generation.sampler is ddim and ddpm'],
  ['a step', { set: { ...set, generation: { ...set.generation, step: 7 } } }, 'generation.step is not given and 7'],
  ['labels', { set: { ...set, labels: 'abd' } }, 'labels is abc and abd'],
  ['a number of shards', { of: 4 }, 'shards is 3 and 4'],
  ['a number of images', { total: 8 }, 'images is 6 and 8'],
  ['a kind', { kind: 'statistics' as const }, 'kind is images and statistics'],
])('shards of %s of their own do not fit to others', (name, others, difference) => {
  const a = writeShard(join(folder, 'fit'), shard(1), tensors(1));
  const b = writeShard(join(folder, name), { ...shard(2), ...others }, tensors(1));
  expect(() => readShards([a, b])).toThrow(`${a} and ${b} do not fit together: ${difference}.`);
});

test('each damaged byte is noticed, and other files are no shards', () => {
  const home = join(folder, 'damage');
  const path = writeShard(home, shard(1, 1), tensors(5));
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 4;
    writeFileSync(path, damaged);
    expect(() => readShard(path), `byte ${at}`).toThrow(path);
    expect(findShard(home, shard(1, 1)), `byte ${at}`).toBeUndefined();
  }
  const weights = join(folder, 'weights.safetensors');
  writeFileSync(weights, encodeSafetensors(new Map()));
  expect(() => readShard(weights)).toThrow(`${weights}: the checksum does not match`);
  writeShard(home, shard(1, 1), tensors(5));
  writeShard(home, shard(1, 1, { kind: 'statistics' }), tensors(5));
  expect(readShards([home], undefined, 'images')).toHaveLength(1);
  expect(() => readShards([home])).toThrow('kind is images and statistics');
  mkdirSync(join(folder, 'empty'));
  expect(() => readShards([join(folder, 'empty')])).toThrow('this folder holds no shards');
  expect(() => readShards([])).toThrow('No shards are given');
  expect(() => writeShard(folder, shard(1, 1, { first: 7 }), tensors(1))).toThrow('not the description of a shard');
});
