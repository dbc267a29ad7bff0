import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath } from '../commands/run-cli.js';
import { ending } from '../commands/training-child.js';

/** A run of the command line. */
export interface CliProcess {
  readonly child: ChildProcess;
  readonly end: ReturnType<typeof ending>;
  /** What it has said so far. */
  readonly text: () => string;
}

/** Runs `diffusion` in a folder. @param queue the URL of its queue, in the environment */
export function startCli(folder: string, args: readonly string[], queue?: string): CliProcess {
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: folder,
    env: { ...process.env, DIFFUSION_CACHE_DIR: join(folder, 'cache'), DIFFUSION_QUEUE: queue },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  return { child, end: ending(child), text: () => text };
}

/** A worker with one slot and one thread. */
export const startWorker = (folder: string, queue: string, ...more: readonly string[]): CliProcess =>
  startCli(folder, ['worker', '--threads', '1', '--lock-seconds', '2', '--slice-minutes', '0.02', ...more], queue);

export const isAlive = ({ child }: CliProcess): boolean => child.exitCode === null && child.signalCode === null;

/** The processes that a process has started and that still run (Linux). */
export function childrenOf(pid: number | undefined): number[] {
  const list = `/proc/${pid ?? 0}/task/${pid ?? 0}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8').trim().split(' ').map(Number).filter(Boolean) : [];
}

/** All that the report of a sweep says. */
export function reportOf(folder: string): ReadonlyMap<string, string> {
  const figures = join(folder, 'figures');
  const names = ['sweep.html', 'sweep.md'];
  if (existsSync(figures)) names.push(...readdirSync(figures).map((name) => `figures/${name}`));
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
