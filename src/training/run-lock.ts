import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { RunFolderError } from './errors.js';

/**
 * Makes this process the only one that trains in a folder, until the returned function is called. The lock of a process
 * that no longer exists is taken over.
 *
 * @throws RunFolderError when another process holds the lock
 */
export function acquireRunLock(path: string): () => void {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() });
  try {
    writeFileSync(path, mine, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new RunFolderError(
        `${path}: process ${holder.pid} on ${holder.host} is training in this folder. ` +
          `Wait for it or choose another folder; if it is gone, delete this file.`,
      );
    }
    writeFileSync(path, mine);
  }
  return () => {
    rmSync(path, { force: true });
  };
}

/** Who trains in a folder. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** The living process that holds the lock at `path`, if there is one. */
export function lockHolder(path: string): Holder | undefined {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** A lock cut short by a kill names nobody. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

/** A process of another machine cannot be asked: it counts as alive. A restarted container may have this process' id again. */
function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
