import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeIdx } from '../../../src/data/idx.js';
import { loadDataset } from '../../../src/node/data/sources.js';
import type { LoadDatasetOptions } from '../../../src/data/load-dataset-options.js';
import { DataError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';
import { HubServer } from '../../data/hub-server.js';
import { goldenParquet } from '../../golden/parquet.js';

const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);

let root: string;
let server: HubServer;
let endpoint: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'hub-images-'));
  server = new HubServer();
  endpoint = await server.start();
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

function publish(files: Record<string, Uint8Array>): void {
  server.repositories.push({ kind: 'dataset', name: 'me/pets', commit: COMMIT, files });
}

const load = (options: Partial<LoadDatasetOptions> = {}) =>
  loadDataset({
    split: 'train',
    directory: 'hf:me/pets',
    environment: { DIFFUSION_CACHE_DIR: join(root, 'cache'), HF_ENDPOINT: endpoint },
    retryDelay: 5,
    ...options,
  });

const parquet = (name: 'train0' | 'train1' | 'test'): Uint8Array => Buffer.from(goldenParquet[name], 'base64');
const gray = (value: number): Uint8Array => encodePng(new Uint8Array(64).fill(value), 8, 8);

it('Parquet files: labels, names, both splits, the commit in the source; then offline', async () => {
  publish({
    'README.md': Buffer.from('# Pets'),
    'data/train-00000-of-00002.parquet': parquet('train0'),
    'data/train-00001-of-00002.parquet': parquet('train1'),
    'data/test-00000-of-00001.parquet': parquet('test'),
  });
  const train = await load();
  expect(train).toMatchObject({
    count: 5,
    channels: 3,
    classNames: ['dog', 'cat', 'ant'],
    source: `hf:me/pets@${COMMIT}`,
  });
  expect([...train.labels]).toEqual([2, 0, 2, 1, 0]);
  expect(server.requests.map(({ path }) => path).filter((path) => path.includes('README'))).toEqual([]);
  await server.stop();
  const test = await load({ split: 'test', offline: true, directory: `hf:me/pets@${COMMIT}` });
  expect([...test.labels]).toEqual([1, 1]);
  server = new HubServer();
  await server.start();
});

it('pictures in folders of classes below data/, or named by metadata', async () => {
  publish({ 'data/train/cat/1.png': gray(1), 'data/train/dog/2.png': gray(2), 'data/test/cat/3.png': gray(3) });
  expect((await load()).classNames).toEqual(['cat', 'dog']);
  server.repositories.splice(0);
  rmSync(join(root, 'cache'), { recursive: true });
  publish({ 'train/1.png': gray(1), 'train/metadata.csv': Buffer.from('file_name,label\n1.png,rabbit\n') });
  expect((await load()).classNames).toEqual(['rabbit']);
});

it('IDX files, of images in channels too', async () => {
  publish({
    'train-images-idx4-ubyte': encodeIdx({ shape: [2, 3, 8, 8], data: new Uint8Array(384) }),
    'train-labels-idx1-ubyte': encodeIdx({ shape: [2], data: Uint8Array.of(0, 1) }),
  });
  expect(await load()).toMatchObject({ count: 2, channels: 3, height: 8, classes: 2 });
});

it('one of several data sets, by its folder', async () => {
  publish({ 'a/train-00000-of-00001.parquet': parquet('train0'), 'b/train-00000-of-00001.parquet': parquet('train1') });
  await expect(load()).rejects.toThrow('holds several data sets (a, b); name one of these folders');
  const { count, source } = await load({ directory: 'hf:me/pets/b' });
  expect([count, source]).toEqual([2, `hf:me/pets/b@${COMMIT}`]);
});

it('no images: what there is instead, before anything is downloaded', async () => {
  publish({ 'README.md': Buffer.from('x'), 'train.zip': Buffer.from('x'), 'labels.csv': Buffer.from('a,b') });
  const failure: unknown = await load().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DataError);
  expect((failure as Error).message).toBe(
    'hf:me/pets holds no images (files: README.md, train.zip, labels.csv); expected Parquet files, pictures, .npz or IDX files',
  );
  expect(server.requests.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
});
