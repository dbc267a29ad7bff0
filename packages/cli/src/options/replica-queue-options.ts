import { type Command, Option } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import { DEFAULT_PRIORITY, MOST_PRIORITY } from '../queue/job.js';
import { QUEUE_VARIABLE } from '../queue/queue-address.js';
import { integer } from './arguments.js';
import { DEFAULT_TAG, tag } from './queue-option.js';

/** What says that the replicas of a training run on other machines, and how. */
export interface ReplicaQueueFlags {
  /** True: the environment says which. */
  readonly queue?: string | true;
  readonly tag: string;
  readonly priority: number;
  readonly attempts: number;
}

/** The workers that train the replicas of a run. */
export interface ReplicaQueue extends Omit<ReplicaQueueFlags, 'queue'> {
  readonly url: string;
}

/** Adds `--queue`, `--tag`, `--priority` and `--attempts`, under a heading of their own. */
export function addReplicaQueueOptions(command: Command): Command {
  return command
    .optionsGroup('Replicas on other machines (docs/scale.md):')
    .addOption(
      // Not by the environment alone: a worker's own trainings have that too, and would wait for each other's places.
      new Option(
        '--queue [url]',
        `with --replicas: redis://, rediss:// or postgres:// URL of a queue, whose workers train them; without URL: that of ${QUEUE_VARIABLE}`,
      ),
    )
    .option('--tag <tag>', 'with --queue: workers of this tag take the jobs', tag, DEFAULT_TAG)
    .option(
      '--priority <n>',
      'with --queue: what has the lower number goes first',
      integer(1, MOST_PRIORITY),
      DEFAULT_PRIORITY,
    )
    .option('--attempts <n>', 'with --queue: how often a job that fails is tried', integer(1, 100), 3)
    .optionsGroup('Options:');
}

/**
 * @returns undefined where the replicas train here
 * @throws ConfigError where there is no address, or nothing that a queue is for
 */
export function replicaQueue(
  { queue, tag, priority, attempts }: ReplicaQueueFlags,
  { replicas, jobs }: { readonly replicas: number | undefined; readonly jobs: number | undefined },
): ReplicaQueue | undefined {
  if (queue === undefined) return undefined;
  if (replicas === undefined) {
    throw new ConfigError(
      '--queue is for replicas, which other machines train, but this training has none. Add --replicas, or remove --queue.',
    );
  }
  if (jobs !== undefined) {
    throw new ConfigError(
      '--jobs is for replicas on this machine; with --queue the --slots of the workers say how many train at once.',
    );
  }
  return { url: queue === true ? (process.env[QUEUE_VARIABLE] ?? '') : queue, tag, priority, attempts };
}
