import { Argument, type Command } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import { DEFAULT_TAG, openQueue, queueOption, tags } from '../options/queue-option.js';
import { print, say } from '../output/say.js';
import type { ServerStatus } from '../queue/queue-status.js';

const examples = `
Examples:
  $ diffusion queue --queue redis://server             what waits, runs and has failed, and the workers
  $ diffusion queue cancel 1b2f9c --queue redis://server      ids begin with that of their sweep's folder: all of its jobs
  $ diffusion queue retry --all --queue redis://server --tags cpu,gpu`;

interface QueueFlags {
  readonly queue?: string;
  readonly tags: readonly string[];
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Adds the options and action of `diffusion queue`. */
export function configureQueue(command: Command): void {
  command
    .addArgument(new Argument('[action]', 'what to do').choices(['show', 'cancel', 'retry']).default('show'))
    .argument(
      '[jobs...]',
      'with cancel and retry: ids of jobs, or their beginnings: all jobs that begin so. If one names none, nothing is changed',
    )
    .addOption(queueOption('redis://, rediss:// or postgres:// URL of the queue'))
    .option('--tags <tags>', 'kinds of jobs, with commas between them', tags, [DEFAULT_TAG])
    .option('--all', 'with cancel and retry: all jobs of these tags')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(queue);
}

async function queue(action: 'show' | 'cancel' | 'retry', jobs: readonly string[], flags: QueueFlags): Promise<void> {
  if (action === 'show' && jobs.length > 0) throw new ConfigError('show takes no jobs: it lists all of them.');
  if (action !== 'show' && jobs.length > 0 === (flags.all === true)) {
    throw new ConfigError(`Name the jobs to ${action}, or give --all.`);
  }
  const server = await openQueue(flags.queue);
  const { packageVersion } = await import('../version.js');
  const { TroubleLines } = await import('../queue/trouble-lines.js');
  const troubles = new TroubleLines(say);
  const onTrouble = (error: Error): void => {
    troubles.tell(error);
  };
  if (action === 'show') {
    const { serverStatus } = await import('../queue/queue-status.js');
    const status = await serverStatus(server, flags.tags, packageVersion(), onTrouble);
    print(flags.json === true ? JSON.stringify(status, undefined, 2) : inWords(status));
    return;
  }
  const { cancelJobs, retryJobs } = await import('../queue/change-jobs.js');
  const { queueName } = await import('../queue/job.js');
  const queues = flags.tags.map((each) => server.queue(queueName(each, packageVersion()), onTrouble));
  let changed: string[];
  try {
    changed = await (action === 'cancel' ? cancelJobs : retryJobs)(queues, jobs);
  } finally {
    await Promise.all(queues.map((each) => each.close()));
  }
  if (flags.json === true) print(JSON.stringify({ [action]: changed }, undefined, 2));
  else for (const name of changed) print(`${action === 'cancel' ? 'cancelled' : 'in the queue again'}: ${name}`);
}

const ID_CHARACTERS = 24;

function inWords({ server, queues, workers }: ServerStatus): string {
  const lines = [server];
  for (const { tag, counts, running, failed, malformed } of queues) {
    lines.push(
      `${tag}: ${Object.entries(counts)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}`,
    );
    for (const { id, name, share, detail, worker } of running) {
      const parts = [`${Math.floor(100 * share)} %`.padStart(5), id.slice(0, ID_CHARACTERS), name, detail, worker];
      lines.push(`  ${parts.filter((part) => part !== '').join('  ')}`);
    }
    for (const { id, name, error } of failed) lines.push(`  failed  ${id.slice(0, ID_CHARACTERS)}  ${name}: ${error}`);
    // Whole ids: those of others may begin alike.
    for (const { id, state } of malformed) {
      lines.push(`  malformed  ${id}  ${state}; no sweep has put it here: diffusion queue cancel removes it`);
    }
  }
  lines.push(workers.length === 0 ? 'no workers' : `${workers.length} workers:`);
  for (const worker of workers) {
    lines.push(`  ${worker.name}  version ${worker.version}  ${worker.tags.join(', ')}  ${worker.slots} at once`);
  }
  return lines.join('\n');
}
