import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { holdOut } from '../../../ts-diffusion/src/data/hold-out.js';
import { DataError } from '../../../ts-diffusion/src/utils/errors.js';
import { loadDirectory } from '../../../ts-diffusion/src/node/data/directory.js';
import { loadSplits, networksOf } from '../../src/input/splits.js';
import { writeStudyData } from '../experiments/study-data.js';

let root: string;
let directory: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'splits-'));
  directory = join(root, 'data');
  await writeStudyData(root);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const removeTest = (): void => {
  for (const what of ['images-idx3-ubyte', 'labels-idx1-ubyte']) rmSync(join(directory, `t10k-${what}`));
};
const ofOpen = async (): Promise<string> => {
  const train = await loadDirectory(directory, 'train');
  return networksOf({ directory }, train, () => train);
};

test('networks are made from all training images, or from nine tenths where there is no test split', async () => {
  const train = await loadDirectory(directory, 'train');
  expect(await ofOpen()).toBe(train.sha256);
  expect((await loadSplits({ directory })).networksOf).toBe(train.sha256);
  removeTest();
  expect(await ofOpen()).toBe(holdOut(train).train.sha256);
  expect((await loadSplits({ directory })).networksOf).toBe(holdOut(train).train.sha256);
});

test('a test split that cannot be read is not taken for none', async () => {
  writeFileSync(join(directory, 't10k-images-idx3-ubyte'), 'broken');
  await expect(ofOpen()).rejects.toBeInstanceOf(DataError);
});
