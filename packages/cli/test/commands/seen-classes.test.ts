import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDirectory } from '../../../ts-diffusion/src/node/data/directory.js';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import { runCli } from './run-cli.js';

const SIZE = 8;
const root = mkdtempSync(join(tmpdir(), 'seen-classes-'));

beforeAll(() => {
  mkdirSync(join(root, 'data'));
  const labels = Uint8Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 7 : 3));
  const images = new Uint8Array(20 * SIZE ** 2).map((_, i) => i % 256);
  writeFileSync(join(root, 'data/train-images-idx3-ubyte'), encodeIdx({ shape: [20, SIZE, SIZE], data: images }));
  writeFileSync(join(root, 'data/train-labels-idx1-ubyte'), encodeIdx({ shape: [20], data: labels }));
  const options =
    'train --preset quick --run run --data data --channels 8,16 --timesteps 10 --steps 1 --batch-size 2 ' +
    '--sampling-steps 0 --sample-every 0 --threads 1';
  const { code, stderr } = runCli(options.split(' '), root);
  expect(code, stderr).toBe(0);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

test('a checkpoint says which classes occurred in training', () => {
  const { data, model } = loadCheckpoint(join(root, 'run'));
  expect(data.seenClasses).toEqual([3, 7]);
  expect(model.classes).toBe(8);
});

test('those are drawn, and no others', async () => {
  const { code, stderr } = runCli('sample --run run --per-class 2 --format idx --out drawn'.split(' '), root);
  expect(code, stderr).toBe(0);
  expect([...(await loadDirectory(join(root, 'drawn'), 'train')).labels]).toEqual([3, 3, 7, 7]);
  const refused = runCli('sample --run run --labels 3,5'.split(' '), root);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    "label is 5; expected one of 3, 7, the classes that occurred in this model's training",
  );
});
