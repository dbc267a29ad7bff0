import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { readCheckpoint } from '../../src/node/training/checkpoint.js';
import { RunFolder } from '../../src/node/training/run-folder.js';
import { train } from '../../src/training/training-run.js';
import { temporaryFolder } from './folders.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const inFolder = temporaryFolder();
let mounted: string | undefined;
afterEach(unmount);

/** Mounts a disk of 2 MB in memory. @returns whether this process may */
function mountSmallDisk(path: string): boolean {
  mkdirSync(path);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]).status !== 0) return false;
  mounted = path;
  return true;
}

function unmount(): void {
  if (mounted !== undefined) execFileSync('umount', [mounted]);
  mounted = undefined;
}

/** Trains or resumes the run in `path` for `steps` steps in all. */
async function trainIn(path: string, steps: number): Promise<void> {
  const config = tinyConfig({ steps, learningRateDecay: 'none' });
  const folder = steps > 5 ? RunFolder.resume(path) : RunFolder.create(path, config);
  const resume = folder.hasCheckpoint ? folder.readCheckpoint() : undefined;
  const runtime = await createNodeRuntime({ threads: 1 });
  try {
    const events = train({ config, dataset: tinyDataset(), runtime, store: folder, resume });
    while ((await events.next()).done !== true);
  } finally {
    folder.close();
  }
}

const savedStep = (path: string): number => readCheckpoint(path).step;

test('a full disk is one clear error; the checkpoint is kept and the run can go on', async (context) => {
  const disk = inFolder('disk');
  if (!mountSmallDisk(disk)) {
    console.warn('No right to mount a disk that can be filled: the limit on file sizes alone is tested.');
    context.skip();
  }
  const run = join(disk, 'run');
  await trainIn(run, 5);
  const filler = fillDisk(join(disk, 'filler'));
  await expect(trainIn(run, 10)).rejects.toThrow(/^cannot write .*: the disk is full; free some space and run again$/);
  expect(savedStep(run)).toBe(5);
  rmSync(filler);
  await trainIn(run, 10);
  expect(savedStep(run)).toBe(10);
});

function fillDisk(path: string): string {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  } finally {
    closeSync(file);
  }
  return path;
}

test.skipIf(process.platform === 'win32')('so is a limit on file sizes', async () => {
  const run = inFolder('run');
  await trainIn(run, 5);
  const child = join(import.meta.dirname, 'train-child.ts');
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 32; exec "$0" --import tsx "$1" "$2" "" none', process.execPath, child, run],
    { encoding: 'utf8' },
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /WriteError: cannot write .*checkpoint\.next\.safetensors: the file would exceed the size limit/,
  );
  expect(savedStep(run)).toBe(5);
  await trainIn(run, 10);
  expect(savedStep(run)).toBe(10);
});
