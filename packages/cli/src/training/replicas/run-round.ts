import { resolve } from 'node:path';
import { EMBEDDED } from 'ts-diffusion/data';
import { flopsPerImage } from 'ts-diffusion/diagnostics';
import { UserError } from 'ts-diffusion/errors';
import { isHubAddress } from 'ts-diffusion/node';
import type { Checkpoint, ReplicaResult, ReplicatedRun, TrainConfig } from 'ts-diffusion/train';
import type { Executor } from '../../sweep/running/executor.js';
import { runTasks } from '../../sweep/running/run-tasks.js';
import type { Task } from '../../sweep/running/task.js';
import { type ReplicaSlice, sliceOf } from './slice.js';
import { replicaFolder, SliceFiles } from './slice-files.js';

/** Where and for whom the replicas of a run train. */
export interface RoundOptions {
  /** The run folder, in which the executor runs the commands. */
  readonly run: string;
  readonly config: TrainConfig;
  readonly executor: Executor;
  /** @param steps taken so far by all replicas together */
  readonly onProgress: (steps: number) => void;
  readonly onMessage: (text: string) => void;
}

/**
 * Runs rounds as tasks of an executor, a slice for each replica. A slice that fails is tried once more: a worker may be lost. Slices
 * that were finished before are not begun.
 *
 * @throws UserError with the words of the replica that failed twice
 */
export function roundRunner({ run, config, executor, onProgress, onMessage }: RoundOptions): ReplicatedRun['runRound'] {
  const { replicas = 0 } = config;
  const files = Array.from({ length: replicas }, (_, i) => new SliceFiles(run, i + 1));
  return async ({ start, lastStep, signal }) => {
    for (const each of files) each.prune(start.step);
    const slices = files.map((_, i) => sliceOf(start, config, i + 1, lastStep));
    const shares = new Map<string, number>(slices.map((slice) => [slice.key, 0]));
    const tell = (key: string, share: number): void => {
      shares.set(key, share);
      const sum = [...shares.values()].reduce((a, b) => a + b);
      onProgress(Math.round(replicas * start.step + sum * (lastStep - start.step)));
    };
    const tasks = slices.flatMap((slice, i) => {
      const own = files[i] as SliceFiles;
      if (own.readFinished(slice) !== undefined) {
        tell(slice.key, 1);
        return [];
      }
      return [sliceTask(slice, start, config, own.readUnfinished(slice)?.step ?? start.step)];
    });
    const done = new Set(slices.map(({ key }) => key));
    for (const { id } of tasks) done.delete(id);
    const failed = new Map<string, string>();
    const runAll = (some: readonly Task[]): Promise<unknown> =>
      runTasks(some, executor, signal, {
        onStart: ({ id, begun }) => {
          tell(id, begun);
        },
        onProgress: ({ id }, { share }) => {
          tell(id, share);
        },
        onEnd: ({ id }, end) => {
          if (end.type === 'failed') failed.set(id, end.error);
          else failed.delete(id);
          if (end.type === 'done') done.add(id);
        },
      });

    await runAll(tasks);
    const again = tasks.filter(({ id }) => failed.has(id));
    if (again.length > 0 && !signal.aborted) {
      for (const { id, name } of again) onMessage(`${name} failed and is tried again: ${failed.get(id) ?? ''}`);
      await runAll(again);
    }
    const lost = tasks.find(({ id }) => failed.has(id));
    if (lost !== undefined) {
      throw new UserError(
        `${lost.name} failed: ${failed.get(lost.id) ?? ''} The weights of step ${start.step} are kept in ${run}; ` +
          'diffusion train --resume goes on from there.',
      );
    }
    return done.size === replicas ? results(slices, files) : undefined;
  };
}

function sliceTask(slice: ReplicaSlice, start: Checkpoint, config: TrainConfig, step: number): Task {
  const { replica, from, lastStep, key } = slice;
  const { batchSize, data } = config;
  const isPath = data !== undefined && data !== EMBEDDED && !isHubAddress(data);
  return {
    id: key,
    name: `replica ${replica}, steps ${from + 1} to ${lastStep}`,
    command: [
      ...['train', '--run', '.', '--replica', String(replica), '--from-step', String(from)],
      ...(isPath ? ['--data', resolve(data)] : []),
    ],
    output: replicaFolder(replica),
    needs: [],
    work: (lastStep - from) * batchSize * flopsPerImage(start.model, batchSize).training,
    begun: (step - from) / (lastStep - from),
    phase: 'training',
  };
}

function* results(slices: readonly ReplicaSlice[], files: readonly SliceFiles[]): Generator<ReplicaResult> {
  for (const [i, slice] of slices.entries()) {
    const checkpoint = files[i]?.readFinished(slice);
    if (checkpoint === undefined) {
      throw new UserError(
        `${files[i]?.finished(slice.lastStep) ?? ''}: gone, or damaged, since it was written. Resume the run to write it again.`,
      );
    }
    yield { state: checkpoint.state, losses: checkpoint.slice.losses };
  }
}
