import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunFolder } from '../../../src/node/training/run-folder.js';
import { acquireRunLock, lockHolder } from '../../../src/node/training/run-lock.js';
import { temporaryFolder } from '../../training/folders.js';
import { tinyConfig } from '../../training/tiny-run.js';

const inFolder = temporaryFolder();
const lockOf = (pid: number, host = hostname()): string => JSON.stringify({ pid, host });
const LARGEST_PROCESS_ID = 2 ** 22;
const dead = lockOf(LARGEST_PROCESS_ID + 1);

test('keeps a second process out, and lets it in afterwards', () => {
  const path = inFolder('run.lock');
  writeFileSync(path, lockOf(process.ppid));
  expect(() => acquireRunLock(path)).toThrow(
    `${path}: process ${process.ppid} on ${hostname()} is training in this folder`,
  );
  expect(lockHolder(path)).toEqual({ pid: process.ppid, host: hostname() });
  writeFileSync(path, dead);
  expect(lockHolder(path)).toBeUndefined();
  acquireRunLock(path)();
  expect(existsSync(path)).toBe(false);
});

test('keeps a second training of the same process out, whatever path leads to the folder', () => {
  const folder = RunFolder.create(inFolder('run'), tinyConfig());
  symlinkSync(inFolder('run'), inFolder('link'));
  for (const name of ['run', 'link']) {
    expect(() => RunFolder.create(inFolder(name), tinyConfig())).toThrow(/this process is already training/);
    expect(() => RunFolder.resume(inFolder(name))).toThrow(/this process is already training/);
  }
  folder.close();
  const next = RunFolder.resume(inFolder('link'));
  folder.close(); // a second time: must not open the next one's lock
  expect(existsSync(inFolder('run/run.lock'))).toBe(true);
  next.close();
});

test('of a dead process, or cut short by its death, is taken over', () => {
  const path = inFolder('run.lock');
  for (const stale of [dead, '', '{"pid":', lockOf(process.pid)]) {
    writeFileSync(path, stale);
    const release = acquireRunLock(path);
    expect(lockHolder(path)).toEqual({ pid: process.pid, host: hostname() });
    release();
  }
});

test('is taken over even where a taker died while it did so', () => {
  const path = inFolder('run.lock');
  for (const suffix of ['', '.takeover', '.takeover.takeover']) writeFileSync(path + suffix, dead);
  acquireRunLock(path)();
  expect(['', '.takeover', '.takeover.takeover'].filter((suffix) => existsSync(path + suffix))).toEqual([]);
});

test('of a process on another machine is respected', () => {
  writeFileSync(inFolder('run.lock'), lockOf(1, 'elsewhere'));
  expect(() => acquireRunLock(inFolder('run.lock'))).toThrow(/process 1 on elsewhere/);
});

/** Every taker goes for every lock at the same moments; holds what it gets until its end. Prints the locks it got. */
const taker = `
const { acquireRunLock } = await import(process.argv[2]);
const [folder, begin, locks, interval] = [process.argv[3], ...process.argv.slice(4).map(Number)];
const got = [];
for (let i = 0; i < locks; i++) {
  while (Date.now() < begin + i * interval);
  try {
    acquireRunLock(folder + '/' + i + '/run.lock');
    got.push(i);
  } catch (error) {
    if (error.name !== 'RunFolderError') throw error;
  }
}
console.log(JSON.stringify(got));
process.stdin.resume(); // until the parent closes it
`;

test('of a dead process is taken over by exactly one of many', { timeout: 30_000 }, async () => {
  const locks = 40;
  for (let i = 0; i < locks; i++) {
    mkdirSync(inFolder(String(i)));
    writeFileSync(inFolder(`${i}/run.lock`), dead);
  }
  writeFileSync(inFolder('taker.mts'), taker);
  const module = join(import.meta.dirname, '../../src/training/run-lock.ts');
  const begin = Date.now() + 2000; // by when all have started
  const takers = Array.from({ length: 3 }, () =>
    spawn(
      process.execPath,
      ['--import', 'tsx', inFolder('taker.mts'), module, inFolder(''), ...[begin, locks, 20].map(String)],
      { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'inherit'] },
    ),
  );
  const got = await Promise.all(
    takers.map(
      (child) =>
        new Promise<number[]>((resolve) => {
          child.stdout.on('data', (text: Buffer) => {
            resolve(JSON.parse(text.toString()) as number[]);
          });
        }),
    ),
  );
  for (const child of takers) child.stdin.end();
  expect(got.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: locks }, (_, i) => i));
});
