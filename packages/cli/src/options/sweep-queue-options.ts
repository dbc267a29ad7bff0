import type { Command } from 'commander';
import { DEFAULT_PRIORITY, MOST_PRIORITY } from '../queue/job.js';
import { integer } from './arguments.js';
import { DEFAULT_TAG, queueOption, tag } from './queue-option.js';
import { storeOption } from './store-option.js';

/** What says that the cells of a sweep run on other machines, and how. */
export interface SweepQueueFlags {
  readonly queue?: string;
  readonly store?: string;
  readonly tag: string;
  readonly priority: number;
  readonly attempts: number;
  readonly shards?: number;
}

/** Adds `--queue`, `--store`, `--tag`, `--priority`, `--attempts` and `--shards`, under a heading of their own. */
export function addSweepQueueOptions(command: Command): Command {
  return command
    .optionsGroup('With workers on other machines (docs/scale.md):')
    .addOption(queueOption('redis://, rediss:// or postgres:// URL of a queue, whose workers run the cells'))
    .addOption(
      storeOption(
        'with --queue: where machines leave files for each other that share no folder: s3://BUCKET/PREFIX or a folder',
      ),
    )
    .option('--tag <tag>', 'with --queue: workers of this tag take the jobs', tag, DEFAULT_TAG)
    .option(
      '--priority <n>',
      'with --queue: of several sweeps the one with the lower number goes first',
      integer(1, MOST_PRIORITY),
      DEFAULT_PRIORITY,
    )
    .option('--attempts <n>', 'with --queue: how often a job that fails is tried', integer(1, 100), 3)
    .option(
      '--shards <n>',
      'with --queue: shards of each evaluation; default: one for each 2,500 images',
      integer(1, 10_000),
    );
}
