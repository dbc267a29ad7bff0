import { DataError } from 'ts-diffusion/errors';
import type { ReadShard } from 'ts-diffusion/node';

type Values = Uint8Array | Int32Array | Float32Array;

/**
 * One tensor of every shard, one after another.
 *
 * @throws DataError naming the shard that lacks it
 */
export function tensorOfAll<Kind extends Values>(
  shards: readonly ReadShard[],
  name: string,
  type: new (length: number) => Kind,
): Kind {
  const parts = shards.map(({ tensors, path }) => {
    const data = tensors.get(name)?.data;
    if (data instanceof type) return data;
    throw new DataError(`${path}: the shard lacks the tensor "${name}".`);
  });
  const all = new type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
