import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readMetrics } from '../../src/node/training/metrics.js';
import { bundledChild } from '../../../../test/bundle-child.js';

const child = bundledChild(join(import.meta.dirname, 'train-child.ts'));
const RANDOM_KILLS = 14;
/** Steps a child lives at most before a random kill: few enough that all kills happen before the run is over. */
const LONGEST_LIFE = 40;

/**
 * Before the first step: publishing the lock (write, link, removal of the temporary name); putting a dead process's lock aside
 * (rename) and publishing; writing the configuration (write, sync, rename, sync of the folder).
 */
const deathsInTheBeginning = [
  // The lock of a new folder.
  ...['writeFileSync:1', 'linkSync:1', 'rmSync:1'],
  // A dead process's lock, which the third left, is put aside; the second of these leaves none.
  ...['renameSync:1', 'writeFileSync:2'],
  // The configuration; then another dead lock, and the configuration again.
  ...['writeFileSync:2', 'linkSync:2', 'fsyncSync:1', 'renameSync:2', 'fsyncSync:2'],
].map((place) => `beginning:${place}`);

/**
 * Each checkpoint writes one file, syncs metrics, file and folder, and renames three times (into `next`, current to
 * `previous`, `next` to current): every place in between.
 */
const deathsInCheckpoints = [
  ...['writeFileSync:1', 'writeFileSync:2', 'fsyncSync:1', 'fsyncSync:2', 'fsyncSync:3'],
  ...['renameSync:1', 'renameSync:2', 'renameSync:3', 'renameSync:5', 'renameSync:6'],
].map((place) => `training:${place}`);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kill-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

/** Runs the child until it ends, or kills it up to 3 ms after it has taken that many steps. */
function runChild(args: readonly string[], lifeInSteps = Infinity): Promise<Death> {
  return new Promise((resolve) => {
    const process = spawn(globalThis.process.execPath, [child(), ...args]);
    let errors = '';
    let steps = 0;
    process.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    process.stdout.on('data', (text: Buffer) => {
      const before = steps;
      steps += text.toString().split('\n').length - 1;
      if (before < lifeInSteps && steps >= lifeInSteps) {
        setTimeout(() => process.kill('SIGKILL'), Math.random() * 3);
      }
    });
    process.on('close', (code, signal) => {
      resolve({ code, signal, errors });
    });
  });
}

test(
  'a run killed over and over ends with the very weights of one that was never stopped',
  { timeout: 300_000 },
  async () => {
    const [steady, killed] = [join(root, 'steady'), join(root, 'killed')];
    expect(await runChild([steady])).toEqual({ code: 0, signal: null, errors: '' });

    for (const death of [...deathsInTheBeginning, ...deathsInCheckpoints]) {
      expect(await runChild([killed, death]), death).toEqual({ code: null, signal: 'SIGKILL', errors: '' });
    }
    for (let i = 0; i < RANDOM_KILLS; i++) {
      const life = 1 + Math.floor(Math.random() * LONGEST_LIFE);
      expect(await runChild([killed], life), `${life} steps`).toEqual({ code: null, signal: 'SIGKILL', errors: '' });
    }
    expect(await runChild([killed])).toEqual({ code: 0, signal: null, errors: '' });

    const [expected, actual] = [steady, killed].map((folder) => readFileSync(join(folder, 'checkpoint.safetensors')));
    expect(actual?.equals(expected as Buffer)).toBe(true);
    const [expectedLosses, losses] = [steady, killed].map((folder) =>
      readMetrics(join(folder, 'metrics.jsonl')).map(({ step, loss }) => ({ step, loss })),
    );
    expect(losses).toEqual(expectedLosses);
    expect(readdirSync(killed).sort()).toEqual(readdirSync(steady).sort());
  },
);
