import { DataError } from 'ts-diffusion/errors';
import type { ReadShard, ShardDescription } from 'ts-diffusion/node';
import { ProgressBar } from '../output/progress.js';

/** At least one shard, in the order of their numbers. */
export type AllShards = readonly [ReadShard, ...ReadShard[]];

/**
 * Reads all shards of a set with their progress on the terminal.
 *
 * @param kind what they must be shards of, where that matters
 * @throws DataError as `readShards`, and for shards of another kind
 */
export async function readAllShards(paths: readonly string[], kind?: ShardDescription['kind']): Promise<AllShards> {
  const { readShards } = await import('ts-diffusion/node');
  const progress = new ProgressBar();
  try {
    const told = (done: number, total: number): void => {
      progress.update(done, total, 'shards read');
    };
    const shards = readShards(paths, told, kind);
    const [{ path, kind: found }] = shards;
    if (kind === undefined || kind === found) return shards;
    throw new DataError(`${path}: a shard of ${found}, where shards of ${kind} are expected.`);
  } finally {
    progress.stop();
  }
}
