import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from '../files/atomic-file.js';
import { RunFolderError } from '../../training/errors.js';

/** How long a lock that names nobody may be one that is just being written, in milliseconds. */
const WRITING_AT_MOST = 100;
const POLL_INTERVAL = 5;

/** Who trains in a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** The locks that this process holds, by `identity`. */
const held = new Set<string>();

/**
 * Makes the caller the only one, in this process and all others, that trains in a folder, until the returned function is
 * called. The lock of a process that no longer exists is taken over, by exactly one of those who try.
 *
 * @throws RunFolderError when somebody else holds the lock
 */
export function acquireRunLock(path: string): () => void {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder);
  while (!createLock(path, mine)) {
    const holder = livingHolder(path);
    if (holder === 'released') continue;
    if (holder !== 'dead') throw heldBy(holder, path);
    // After this look at a dead lock somebody else may take it over: one at a time, and another look.
    const endTakeover = acquireRunLock(`${path}.takeover`);
    try {
      if (livingHolder(path) === 'dead') {
        writeFileAtomic(path, mine);
        break;
      }
    } finally {
      endTakeover();
    }
  }
  const lock = identity(path);
  held.add(lock);
  let released = false;
  return () => {
    if (released) return;
    released = true;
    held.delete(lock);
    rmSync(path, { force: true });
  };
}

/** The living process that holds the lock at `path`, if there is one. */
export function lockHolder(path: string): Holder | undefined {
  const holder = readHolder(path);
  return typeof holder === 'object' && isAlive(holder, path) ? holder : undefined;
}

/** @returns whether the lock was free */
function createLock(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function livingHolder(path: string): Holder | 'dead' | 'released' {
  let holder = readHolder(path);
  for (let waited = 0; holder === 'unnamed' && waited < WRITING_AT_MOST; waited += POLL_INTERVAL) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_INTERVAL);
    holder = readHolder(path);
  }
  if (holder === 'released') return holder;
  return holder !== 'unnamed' && isAlive(holder, path) ? holder : 'dead';
}

/** A lock cut short by a kill, or just being written, names nobody. */
function readHolder(path: string): Holder | 'unnamed' | 'released' {
  try {
    const { pid, host } = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return { pid, host };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'released';
    if (error instanceof SyntaxError) return 'unnamed';
    throw error;
  }
}

/** A process of another machine cannot be asked: it counts as alive. A restarted container may have this process' id again. */
function isAlive({ pid, host }: Holder, path: string): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return held.has(identity(path));
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The same for all paths that lead to a lock. */
const identity = (path: string): string => join(realpathSync(dirname(path)), basename(path));

function heldBy({ pid, host }: Holder, path: string): RunFolderError {
  return new RunFolderError(
    pid === process.pid && host === hostname()
      ? `${dirname(path)}: this process is already training in this folder. Wait for it or choose another folder.`
      : `${path}: process ${pid} on ${host} is training in this folder. ` +
          `Wait for it or choose another folder; if it is gone, delete this file.`,
  );
}
