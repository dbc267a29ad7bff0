import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath } from './run-cli.js';
import { cliFolder, endless, ending, until } from './training-child.js';

patientTests();
const { inFolder, start, steps, hasCheckpoint } = cliFolder();

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends a training with a checkpoint', async (signal) => {
  const child = start(endless);
  const end = ending(child);
  await until(() => steps() > 0);
  child.kill(signal);
  expect(await end).toEqual({ code: 130, signal: null });
  expect(hasCheckpoint()).toBe(true);
  expect(existsSync(inFolder('run/run.lock'))).toBe(false);
});

/** Loaded before the command line: Ctrl-C comes while the folder is being locked. */
const interruptWhileLocking = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { linkSync } = fs;
fs.linkSync = (...paths) => {
  linkSync(...paths);
  process.kill(process.pid, 'SIGINT');
};
syncBuiltinESMExports();
`;

test.each([
  ['train', endless],
  ['start', ['start', '--run', 'run', '--threads', '1']],
])('a signal that comes before %s has begun leaves no lock', async (_, args) => {
  writeFileSync(inFolder('interrupt.mjs'), interruptWhileLocking);
  const child = start(['--import', inFolder('interrupt.mjs'), cliPath, ...args], 'ignore', process.execPath);
  expect(await ending(child)).toEqual({ code: 130, signal: null });
  expect(existsSync(inFolder('run'))).toBe(true);
  expect(existsSync(inFolder('run/run.lock'))).toBe(false);
});

test('further signals wait for the checkpoint', async () => {
  // Steps of some tenths of a second: the signals come while the last one is taken.
  const slow = [...endless, '--channels', '32,64', '--batch-size', '2000', '--log-every', '1'];
  const child = start(slow);
  const end = ending(child);
  await until(() => steps() > 0);
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGINT'] as const) {
    child.kill(signal);
    await delay(10);
  }
  expect(await end).toEqual({ code: 130, signal: null });
  expect(hasCheckpoint()).toBe(true);
});

test('Ctrl-C in sample writes the images that are finished, and says how many', async () => {
  // 140 images are two batches of 70.
  const args = 'sample --model quick --labels 0-6 --per-class 20 --sampling-steps 2 --threads 1 --out drawn.png'.split(
    ' ',
  );
  const child = start(args, ['ignore', 'pipe', 'pipe']);
  let text = '';
  child.stdout?.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (text += part.toString()));
  const end = ending(child);
  await until(() => text.includes('140 images'));
  child.kill('SIGINT');
  expect(await end).toEqual({ code: 130, signal: null });
  const [, finished] = /Stopped: (\d+) of 140 images are finished/.exec(text) ?? [];
  expect(['0', '70']).toContain(finished);
  expect(existsSync(inFolder('drawn.png'))).toBe(finished === '70');
  if (finished === '70') {
    // Rows of 20 images of 28 pixels with 2 around each, enlarged twice.
    const { width, height } = decode(readFileSync(inFolder('drawn.png')));
    expect([width, height]).toEqual([2 * (20 * 30 + 2), 2 * (4 * 30 + 2)]);
  }
});
