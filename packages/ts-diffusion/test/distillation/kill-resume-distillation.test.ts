import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledChild } from '../../../../test/bundle-child.js';
import { temporaryFolder } from '../training/folders.js';

const inFolder = temporaryFolder();
const child = bundledChild(join(import.meta.dirname, 'distill-child.ts'));

function runChild(...args: string[]) {
  const { status, signal, stderr } = spawnSync(process.execPath, [child(), ...args], { encoding: 'utf8' });
  return { status, signal, stderr };
}

/**
 * Each checkpoint, of updates 2, 4, 6 and 7, renames the student into its place, the checkpoint into `next`, but for the first `current` to
 * `previous`, and `next` to `current`. Each process begins where the one before it was killed.
 */
const deaths: readonly [where: string, death: string, next: boolean][] = [
  ['update 4, before both renames of the rotation', 'renameSync:6', true],
  ['update 6, between them', 'renameSync:4', true],
  ['update 7, before the student', 'renameSync:1', false],
  ['update 7, before the rotation, after which nothing is left to do', 'renameSync:3', true],
];

test(
  'a distillation killed between write and rotation ends with the files of an undisturbed one',
  { timeout: 300_000 },
  () => {
    const [steady, killed] = [inFolder('steady'), inFolder('killed')];
    expect(runChild(steady)).toEqual({ status: 0, signal: null, stderr: '' });
    for (const [where, death, next] of deaths) {
      expect(runChild(killed, death), where).toEqual({ status: null, signal: 'SIGKILL', stderr: '' });
      expect(existsSync(join(killed, 'distillation.next.safetensors')), where).toBe(next);
    }
    expect(runChild(killed)).toEqual({ status: 0, signal: null, stderr: '' });
    const files = readdirSync(steady).filter((name) => name !== 'samples');
    expect(readdirSync(killed).filter((name) => name !== 'samples')).toEqual(files);
    for (const name of files.filter((each) => each.endsWith('.safetensors') || each === 'distill.json')) {
      expect(readFileSync(join(killed, name)).equals(readFileSync(join(steady, name))), name).toBe(true);
    }
  },
);
