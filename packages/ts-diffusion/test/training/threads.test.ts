import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { train } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();

/** Large enough that the library splits its work between two threads. */
const config = tinyConfig({ channels: [16, 32], batchSize: 16, steps: 6 });

async function trainedBytes(name: string): Promise<Buffer> {
  const runtime = await createNodeRuntime({ threads: 2 });
  const folder = RunFolder.create(inFolder(name), config);
  const events = train({ config, dataset: tinyDataset(1, 28), runtime, store: folder });
  while ((await events.next()).done !== true);
  folder.close();
  return readFileSync(join(folder.path, 'checkpoint.safetensors'));
}

test('with two threads, too, the same seed gives the same bits', async () => {
  const first = await trainedBytes('first');
  for (const name of ['second', 'third']) expect((await trainedBytes(name)).equals(first), name).toBe(true);
});
