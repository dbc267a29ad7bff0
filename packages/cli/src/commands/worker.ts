import type { Command } from 'commander';
import { fileURLToPath } from 'node:url';
import { ConfigError } from 'ts-diffusion/errors';
import { integer, numberFrom } from '../options/arguments.js';
import { DEFAULT_TAG, openQueue, queueOption, tags } from '../options/queue-option.js';
import { optionalStore, storeOption } from '../options/store-option.js';
import { say } from '../output/say.js';

const examples = `
Examples:
  $ diffusion worker --queue redis://server:6379                  one job at a time, with all cores
  $ diffusion worker --queue postgres://me:secret@server/jobs --slots 4
  $ diffusion worker --queue redis://server --store s3://bucket/sweep --folder /tmp/worker
  $ DIFFUSION_QUEUE=rediss://me:secret@server diffusion worker --tags cpu,gpu --folder /mnt/sweep

Takes the jobs of diffusion sweep --queue. SIGTERM and Ctrl-C let trainings write checkpoints and put jobs back into the queue. The worker
and the sweep must be of one version, and see the same folder or the same store. docs/scale.md describes queues.`;

interface WorkerFlags {
  readonly queue?: string;
  readonly slots: number;
  readonly threads: number;
  readonly tags: readonly string[];
  readonly folder?: string;
  readonly store?: string;
  readonly sliceMinutes: number;
  readonly lockSeconds: number;
}

const PULSE_MS = 2000;
const PATIENCE_MS = 5000;
const OWN_FOLDER = 'diffusion-worker';

/** Adds the options and action of `diffusion worker`. */
export function configureWorker(command: Command): void {
  command
    .addOption(queueOption('redis://, rediss:// or postgres:// URL of the queue'))
    .option('--slots <n>', 'jobs at once, of each tag', integer(1, 256), 1)
    .option(
      '--threads <n>',
      'threads of all jobs together, where their sweep does not say; 0: one per physical core available to the process',
      integer(0, 1024),
      0,
    )
    .option('--tags <tags>', 'kinds of jobs to take, with commas between them', tags, [DEFAULT_TAG])
    .option(
      '--folder <folder>',
      'folder of the sweep on this machine; default: its path where the sweep was started. With --store: a folder for this worker ' +
        'alone; default: diffusion-worker',
    )
    .addOption(storeOption('the --store of the sweep, where machines share no folder: s3://BUCKET/PREFIX or a folder'))
    .option(
      '--slice-minutes <m>',
      'trainings write a checkpoint and let others go first after so long',
      numberFrom(0.01),
      5,
    )
    .option('--lock-seconds <s>', 'a worker that is away for so long has lost its jobs to others', numberFrom(1), 30)
    .addHelpText('after', examples)
    .action(work);
}

async function work(flags: WorkerFlags): Promise<void> {
  const jobs = flags.slots * flags.tags.length;
  if (flags.threads > 0 && flags.threads < jobs) {
    throw new ConfigError(
      `--threads ${flags.threads} is fewer than the ${jobs} jobs of --slots and --tags, each of which takes a thread; give at least --threads ${jobs}.`,
    );
  }
  const server = await openQueue(flags.queue);
  const { QueueWorker } = await import('../queue/queue-worker.js');
  const { sharedFolder } = await import('../queue/shared-folder.js');
  const { WorkerLines } = await import('../queue/worker-lines.js');
  const { threadsOfEach } = await import('../sweep/running/threads.js');
  const { stopOnSignal } = await import('../stop-signal.js');

  const { slots, tags, folder } = flags;
  const store = await optionalStore(flags.store);
  const { StoreWorkplace } = await import('../store/store-workplace.js');
  const workplace = store && (await StoreWorkplace.open(store, folder ?? OWN_FOLDER));
  const lines = new WorkerLines();
  const worker = new QueueWorker(server, {
    ...{ slots, tags, log: lines },
    program: fileURLToPath(new URL('../main.js', import.meta.url)),
    threads: threadsOfEach(flags.threads, jobs),
    sliceMs: 60_000 * flags.sliceMinutes,
    lockMs: 1000 * flags.lockSeconds,
    ...{ pulseMs: PULSE_MS, patienceMs: Math.min(PATIENCE_MS, 1000 * flags.lockSeconds) },
    artifactsOf: (data) => (workplace ? workplace.artifactsOf(data.folder) : sharedFolder(data.folder, folder)),
  });
  const signal = stopOnSignal('Stopping; trainings write checkpoints first, and jobs go back to the queue.');
  say(`Worker ${worker.name} takes jobs from ${server.address.shown}: ${tags.join(', ')}, ${slots} at once`);
  const stopLines = lines.show(() => worker.runs);
  let isBack: boolean;
  try {
    isBack = await worker.work(signal);
  } finally {
    stopLines();
    workplace?.close();
  }
  if (isBack) say('Stopped. What was running is in the queue again.');
  else {
    say('Stopped. The queue cannot be reached: what was running goes back into it when its locks run out.');
    // Connections that wait for the server would keep the process.
    process.exit();
  }
}
