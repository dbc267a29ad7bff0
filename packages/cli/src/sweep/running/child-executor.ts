import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockHolder } from 'ts-diffusion/node';
import { watchErrors } from '../../output/child-errors.js';
import { type ReportedProgress, REPORTS } from '../../output/parent.js';
import { STOPPED } from '../../stop-signal.js';
import type { Executor, TaskRun } from './executor.js';
import type { Task, TaskEnd } from './task.js';

/** How an executor runs children. */
export interface ChildOptions {
  /** The folder of the sweep. */
  readonly folder: string;
  /** Children at once. */
  readonly slots: number;
  /** Threads of each. */
  readonly threads: number;
  /** The command line's `main.js`. */
  readonly program: string;
  /** Whether trainings take over the locks of processes that this machine cannot check. */
  readonly takeOver?: boolean | undefined;
  /** The nonce of a lock that trainings take from a process that runs. */
  readonly replaces?: string | undefined;
  /** Aborted where children must end at once and write nothing more. */
  readonly killed?: AbortSignal;
}

/** Longer than a training step: the child of a killed sweep stops after one. */
const LOCK_PATIENCE_MS = 60_000;
const LOCK_INTERVAL_MS = 100;

/** Folders in the environment, which are as seen from where the sweep was started. */
const folders = ['DIFFUSION_DATA_DIR', 'DIFFUSION_CACHE_DIR'];

/** Runs tasks as child processes of this one, since the native runtime blocks the event loop. */
export class ChildExecutor implements Executor {
  readonly slots: number;

  constructor(private readonly options: ChildOptions) {
    this.slots = options.slots;
  }

  async run(task: Task, { signal, onProgress, onBegin }: TaskRun): Promise<TaskEnd> {
    await this.#untilFree(task, signal);
    if (signal.aborted) return { type: 'stopped' };
    const child = this.#spawn(task);
    onBegin?.();
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    const { killed } = this.options;
    signal.addEventListener('abort', stop, { once: true });
    killed?.addEventListener('abort', kill, { once: true });
    if (killed?.aborted === true) kill();
    try {
      return await watch(child, task, signal, onProgress);
    } finally {
      signal.removeEventListener('abort', stop);
      killed?.removeEventListener('abort', kill);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #spawn({ command }: Task): ChildProcess {
    const { folder, program, threads } = this.options;
    const named = folders.flatMap((name) => {
      const value = process.env[name] ?? '';
      return value === '' ? [] : [[name, resolve(value)] as const];
    });
    const takesOver = command[0] === 'train' ? lockArguments(this.options) : [];
    return spawn(process.execPath, [program, ...command, ...takesOver, '--threads', String(threads)], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...Object.fromEntries(named), [REPORTS]: 'ipc' },
      // Its own process group: a terminal's Ctrl-C reaches the sweep alone, which passes it on once.
      detached: true,
      windowsHide: true,
    });
  }

  /** Waits for the child of a killed sweep that still writes a checkpoint. */
  async #untilFree({ output }: Task, signal: AbortSignal): Promise<void> {
    const lock = join(this.options.folder, output, 'run.lock');
    const end = performance.now() + LOCK_PATIENCE_MS;
    const { replaces } = this.options;
    const isFree = (): boolean => {
      const holder = lockHolder(lock);
      return holder === undefined || (replaces !== undefined && holder.nonce === replaces);
    };
    while (!isFree() && performance.now() < end && !signal.aborted) await delay(LOCK_INTERVAL_MS);
  }
}

const lockArguments = ({ takeOver, replaces }: ChildOptions): string[] => [
  ...(takeOver === true ? ['--take-over'] : []),
  ...(replaces === undefined ? [] : ['--replaces-lock', replaces]),
];

function watch(
  child: ChildProcess,
  task: Task,
  stop: AbortSignal,
  onProgress: TaskRun['onProgress'],
): Promise<TaskEnd> {
  const reason = child.stderr === null ? () => undefined : watchErrors(child.stderr);
  let share = task.begun;
  child.on('message', (message) => {
    const { phase, done, total, detail } = message as ReportedProgress;
    if (phase === task.phase) share = Math.max(share, Math.min(1, done / total));
    onProgress({ share, detail });
  });
  return new Promise((resolveEnd) => {
    child.once('error', ({ message }) => {
      resolveEnd({ type: 'failed', error: message });
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolveEnd({ type: 'done' });
      else if (stop.aborted && (code === STOPPED || signal === 'SIGTERM')) resolveEnd({ type: 'stopped' });
      else
        resolveEnd({
          type: 'failed',
          error: reason() ?? `The process ended early (${signal ?? `exit code ${code}`}).`,
        });
    });
  });
}
