import { InvalidArgumentError, Option } from 'commander';
import type { Shard } from 'ts-diffusion/node';
import type { ArgumentParser } from './arguments.js';

/** Where shards go unless asked otherwise, and where `diffusion merge` looks for them. */
export const SHARDS_FOLDER = 'output/shards';

/** `--shard i/n`. @param about what it does here */
export function shardOption(about: string): Option {
  return new Option('--shard <i/n>', about).argParser(shardOf);
}

/** A shard: `2/8`, the second of eight. */
const shardOf: ArgumentParser<Shard> = (text) => {
  const [, index = NaN, of = NaN] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (Number.isNaN(index)) {
    throw new InvalidArgumentError('Expected the number of a shard and how many there are, such as 2/8.');
  }
  if (of === 0) throw new InvalidArgumentError('Expected at least one shard, such as 1/1.');
  if (index < 1 || index > of) {
    throw new InvalidArgumentError(`Of ${of} shards there is no number ${index}: they are 1/${of} to ${of}/${of}.`);
  }
  return { index, of };
};
