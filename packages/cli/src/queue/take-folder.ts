import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockHolder } from 'ts-diffusion/node';

const INTERVAL_MS = 100;

/**
 * Waits for a run folder that a process of a lost worker has. Who holds the job holds the folder: a child of a worker that has lost the
 * job may still train there, on this machine or another. It has some time to end, as the children of killed workers do after their last
 * checkpoint. Then the next trainer takes its lock and no other, and from that moment on it finds at its next write that the lock is not its own.
 *
 * @param patienceMs how long it has
 * @returns the nonce of the lock that is to be taken; undefined where the folder is free
 */
export async function takeFolder(folder: string, patienceMs: number, signal: AbortSignal): Promise<string | undefined> {
  const lock = join(folder, 'run.lock');
  const end = performance.now() + patienceMs;
  for (let holder = lockHolder(lock); holder !== undefined && !signal.aborted; holder = lockHolder(lock)) {
    if (performance.now() > end) return holder.nonce;
    await delay(INTERVAL_MS);
  }
  return undefined;
}
