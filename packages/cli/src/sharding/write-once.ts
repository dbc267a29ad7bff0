import type { ShardDescription, TypedTensor } from 'ts-diffusion/node';
import { findShard, writeShard } from 'ts-diffusion/node';
import { print, say } from '../output/say.js';

/**
 * Writes a shard unless its file is there already, whole and of the same model, sampling, seed and images.
 *
 * @param compute its tensors; undefined: it was stopped, and nothing is written
 * @throws WriteError when it cannot be written
 */
export async function writeOnce(
  folder: string,
  description: ShardDescription,
  compute: () => Promise<ReadonlyMap<string, TypedTensor> | undefined>,
): Promise<void> {
  const found = findShard(folder, description);
  if (found !== undefined) {
    say(`${found.path} is there already: it is not computed again.`);
    print(found.path);
    return;
  }
  const begin = performance.now();
  const tensors = await compute();
  if (tensors === undefined) return;
  const seconds = (performance.now() - begin) / 1000;
  const notes = { ...description.notes, seconds };
  print(`Wrote ${writeShard(folder, { ...description, notes }, tensors)}`);
}
