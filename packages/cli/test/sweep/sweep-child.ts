import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { cliPath } from '../commands/run-cli.js';
import { ending } from '../commands/training-child.js';
import { tinyPlan, type TinyPlan } from './tiny-plan.js';

/** A sweep that runs as a child process. */
export interface SweepChild {
  readonly child: ChildProcess;
  readonly end: ReturnType<typeof ending>;
  /** What it has said so far. */
  readonly text: () => string;
}

/** A folder for the tests of a file, in which sweeps run; what was started and still runs after a test is killed. */
export function sweepFolder() {
  let root = '';
  let children: ChildProcess[] = [];
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'sweep-'));
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });
  const inFolder = (...names: string[]): string => join(root, ...names);

  /** Runs the sweep of a plan in the folder of this name. */
  const start = (folder: string, plan: TinyPlan, ...options: string[]): SweepChild => {
    writeFileSync(inFolder(`${folder}.yaml`), tinyPlan(plan));
    const args = ['sweep', `${folder}.yaml`, '--out', folder, '--threads', '1', ...options];
    const child = spawn(process.execPath, [cliPath, ...args], {
      cwd: root,
      env: { ...process.env, DIFFUSION_CACHE_DIR: 'cache' },
    });
    children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
    return { child, end: ending(child), text: () => text };
  };

  return {
    inFolder,
    start,
    /** The same, to its end. */
    finish: async (folder: string, plan: TinyPlan, ...options: string[]) => {
      const { end, text } = start(folder, plan, ...options);
      const { code } = await end;
      return { code, text: text() };
    },
    /** Names in a folder, sorted; none where there is no such folder. */
    list: (...names: string[]): string[] =>
      existsSync(inFolder(...names)) ? readdirSync(inFolder(...names)).sort() : [],
  };
}
