import { fileURLToPath } from 'node:url';
import type { ReplicatedRun } from 'ts-diffusion/train';
import type { Executor } from '../../sweep/running/executor.js';
import type { OpenRun } from '../open-run.js';

/** What runs the rounds of replicas, until it is closed. */
export interface OpenRounds {
  readonly runRound: ReplicatedRun['runRound'];
  readonly close: () => Promise<void>;
}

/**
 * Rounds of replicas that are child processes here, or jobs of a queue.
 *
 * @param onProgress told the steps of all replicas together
 * @throws ConfigError where the queue cannot be used
 */
export async function openRounds(
  run: OpenRun,
  onProgress: (steps: number) => void,
  onMessage: (text: string) => void,
): Promise<OpenRounds> {
  const { roundRunner } = await import('./run-round.js');
  const { folder, config } = run;
  const executor = await openExecutor(run, onMessage);
  const runRound = roundRunner({ run: folder.path, config, executor, onProgress, onMessage });
  return { runRound, close: () => executor.close() };
}

async function openExecutor(
  { folder: { path: folder }, config, jobs = 1, queue }: OpenRun,
  onMessage: (text: string) => void,
): Promise<Executor> {
  if (queue !== undefined) {
    const { openQueue } = await import('../../options/queue-option.js');
    const { coordinate } = await import('../../queue/coordinate.js');
    const { url, ...options } = queue;
    return coordinate(await openQueue(url), { ...options, folder, threads: config.threads }, onMessage);
  }
  const { ChildExecutor } = await import('../../sweep/running/child-executor.js');
  const { threadsOfEach } = await import('../../sweep/running/threads.js');
  const program = fileURLToPath(new URL('../../main.js', import.meta.url));
  return new ChildExecutor({ folder, slots: jobs, threads: threadsOfEach(config.threads, jobs), program });
}
