import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { readMetrics } from '../../../ts-diffusion/src/node/training/metrics.js';
import { patient } from '../../../ts-diffusion/test/patience.js';
import { writeTinyData } from '../tiny-data.js';
import { cliPath } from './run-cli.js';

/** A training of a tiny network that would take hours and writes no checkpoint on its way. */
export const endless =
  'train --run run --channels 4,8 --patch-size 2 --timesteps 10 --batch-size 4 --threads 1 --data data --steps 1000000 --checkpoint-every 999999 --sample-every 0 --log-every 5'.split(
    ' ',
  );

/** A folder for each test of the file, with 30 images in `data`, in which the command line runs; what was started is killed. */
export function cliFolder() {
  let root = '';
  let children: ChildProcess[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cli-'));
    children = [];
    writeTinyData(join(root, 'data'));
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });
  const inFolder = (path: string): string => join(root, path);

  return {
    inFolder,
    /** Runs `diffusion` with these arguments, or another program. */
    start: (args: readonly string[], stdio: StdioOptions = 'ignore', program?: string): ChildProcess => {
      const [command, all] = program === undefined ? [process.execPath, [cliPath, ...args]] : [program, args];
      const child = spawn(command, all, {
        cwd: root,
        stdio,
        env: { ...process.env, DIFFUSION_CACHE_DIR: inFolder('cache') },
      });
      children.push(child);
      return child;
    },
    /** Steps that the metrics of `run` tell of. */
    steps: (): number => {
      const path = inFolder('run/metrics.jsonl');
      return existsSync(path) ? (readMetrics(path).at(-1)?.step ?? 0) : 0;
    },
    hasCheckpoint: (): boolean => existsSync(inFolder('run/checkpoint.safetensors')),
    /** The process that trains in `run`. */
    trainer: (): number => (JSON.parse(readFileSync(inFolder('run/run.lock'), 'utf8')) as { pid: number }).pid,
  };
}

/** Code and signal that a child ended with. */
export const ending = (child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> =>
  new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });

/** Waits until something holds, however busy the machine is. */
export const until = (condition: () => boolean): Promise<void> => expect.poll(condition, patient).toBe(true);
