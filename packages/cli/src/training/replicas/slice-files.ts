import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointError } from 'ts-diffusion/errors';
import { loadCheckpoint } from 'ts-diffusion/node';
import type { Checkpoint } from 'ts-diffusion/train';
import type { ReplicaSlice } from './slice.js';

/** A checkpoint of one replica. */
export type SliceCheckpoint = Required<Pick<Checkpoint, 'slice'>> & Checkpoint;

/** Of averages before the present one whose replicas are kept: the checkpoint before the newest can be gone on from too. */
const AVERAGES_KEPT = 2;

const FILE = /^step-(\d+)\.(?:unfinished\.)?safetensors$/;

/** The folder of a replica, as seen from the run folder. */
export const replicaFolder = (replica: number): string => `replica-${replica}`;

/**
 * The files of a replica in a run folder: `replica-2/step-000500.safetensors`, as it was when it was averaged after step 500, and
 * `step-000500.unfinished.safetensors` on the way there. Each has the key of what decides it; whoever computes a slice writes the
 * same, so that workers may write at once and need no lock.
 */
export class SliceFiles {
  readonly path: string;

  constructor(run: string, replica: number) {
    this.path = join(run, replicaFolder(replica));
  }

  /** The replica after the step of an average. */
  finished(step: number): string {
    return join(this.path, `step-${String(step).padStart(6, '0')}.safetensors`);
  }

  /** The replica on the way to that step. */
  unfinished(step: number): string {
    return join(this.path, `step-${String(step).padStart(6, '0')}.unfinished.safetensors`);
  }

  /** The result of a slice; undefined where there is none that is whole. */
  readFinished({ lastStep, key }: ReplicaSlice): SliceCheckpoint | undefined {
    return readSlice(this.finished(lastStep), key);
  }

  /** What there is of a slice that was stopped; undefined where there is nothing whole. */
  readUnfinished({ lastStep, key }: ReplicaSlice): SliceCheckpoint | undefined {
    return readSlice(this.unfinished(lastStep), key);
  }

  /**
   * The replica with which a slice begins but for the weights, which are the common ones.
   *
   * @throws CheckpointError where it is gone
   */
  readBefore({ from }: ReplicaSlice): Checkpoint {
    try {
      return loadCheckpoint(this.finished(from));
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      throw new CheckpointError(
        `${error.message} Without Adam's moments in it this replica cannot go on; remove checkpoint.safetensors of the run to ` +
          'repeat the round before.',
        { cause: error },
      );
    }
  }

  /** Removes what no round from `step` on reads, and what was not written to its end. No slice is running then. */
  prune(step: number): void {
    if (!existsSync(this.path)) return;
    const names = readdirSync(this.path);
    const stepOf = (name: string): number => Number(FILE.exec(name)?.[1] ?? Infinity);
    const kept = [...new Set(names.map(stepOf))].filter((each) => each <= step).sort((a, b) => b - a);
    const oldest = kept[AVERAGES_KEPT - 1] ?? 0;
    const isDone = (name: string): boolean => name.includes('.unfinished.') && stepOf(name) <= step;
    for (const name of names) {
      if (name.endsWith('.tmp') || stepOf(name) < oldest || isDone(name))
        rmSync(join(this.path, name), { force: true });
    }
  }
}

function readSlice(path: string, key: string): SliceCheckpoint | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const checkpoint = loadCheckpoint(path);
    const { slice } = checkpoint;
    return slice?.key === key ? { ...checkpoint, slice } : undefined;
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}
