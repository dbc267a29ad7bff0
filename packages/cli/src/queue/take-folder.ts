import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockHolder } from 'ts-diffusion/node';

const INTERVAL_MS = 100;

/**
 * Takes a run folder from a process of a lost worker. Who holds the job holds the folder: a child of a worker that has lost the job may
 * still train there, on this machine or another. It has some time to end, as the children of killed workers do after their last
 * checkpoint. Then its lock is removed, and it writes nothing more: it finds at its next write that the lock is not its own.
 *
 * @param patienceMs how long it has
 */
export async function takeFolder(folder: string, patienceMs: number, signal: AbortSignal): Promise<void> {
  const lock = join(folder, 'run.lock');
  const end = performance.now() + patienceMs;
  while (lockHolder(lock) !== undefined) {
    if (signal.aborted) return;
    if (performance.now() > end) {
      rmSync(lock, { force: true });
      return;
    }
    await delay(INTERVAL_MS);
  }
}
