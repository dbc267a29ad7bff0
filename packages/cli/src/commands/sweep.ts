import type { Command } from 'commander';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from 'ts-diffusion/errors';
import { integer } from '../options/arguments.js';
import { DEFAULT_TAG, queueOption, tag } from '../options/queue-option.js';
import { checkStoreHasQueue, optionalStore, storeOption } from '../options/store-option.js';
import { print, say } from '../output/say.js';
import { DEFAULT_PRIORITY, MOST_PRIORITY } from '../queue/job.js';
import type { Cell } from '../sweep/cells/cell.js';
import type { Plan } from '../sweep/plan/read-plan.js';
import type { Executor } from '../sweep/running/executor.js';
import type { SweepFolder } from '../sweep/running/sweep-folder.js';
import type { SweepProgress } from '../sweep/running/sweep-progress.js';

const examples = `
Examples:
  $ diffusion sweep plan.yaml --dry-run          the cells, and what they cost on this machine
  $ diffusion sweep plan.yaml                    train, sample and score all of them; writes sweeps/plan/sweep.html
  $ diffusion sweep plan.yaml --jobs 4           four cells at once, which share the threads
  $ diffusion sweep plan.yaml --report-only      only write the report, from what is done
  $ diffusion sweep plan.yaml --queue redis://server --store s3://bucket/sweep   the same without a shared folder
  $ diffusion sweep plan.yaml --queue redis://server   on all machines that run diffusion worker --queue redis://server

A plan:
  base: { preset: quick }
  train: { steps: 2000 }
  axes:
    train.schedule: [linear, cosine]
    sample.guidanceWeight: [0, 0.5, 1]
    train.seed: { seeds: 3 }
  scores: [frechet, inception]

The command resumes an unfinished sweep. What is done is never done again, also by another plan in the same folder. Ctrl-C writes
checkpoints and stops. docs/sweeps.md describes plans.`;

interface SweepFlags {
  readonly out?: string;
  readonly jobs?: number;
  readonly threads: number;
  readonly dryRun?: boolean;
  readonly reportOnly?: boolean;
  readonly takeOver?: boolean;
  readonly queue?: string;
  readonly store?: string;
  readonly tag: string;
  readonly priority: number;
  readonly attempts: number;
  readonly shards?: number;
}

/** Adds the options and action of `diffusion sweep`. */
export function configureSweep(command: Command): void {
  command
    .argument('<plan>', 'YAML or JSON file that says what to vary and what to measure')
    .option('-o, --out <folder>', 'folder of the sweep; default: sweeps/<name of the plan>')
    .option('-j, --jobs <n>', 'cells at once (default: 1)', integer(1, 256))
    .option(
      '--threads <n>',
      'threads of all cells together, as many as jobs or more; 0: one per physical core available to the process',
      integer(0, 1024),
      0,
    )
    .option('--dry-run', 'list the cells and what they cost, measured for some seconds on this machine; run nothing')
    .option('--report-only', 'only write the report, from existing results')
    .option(
      '--take-over',
      'take over the locks of the folder and its trainings if the processes that hold them cannot be checked, e.g. on another machine',
    )
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
    )
    .addHelpText('after', examples)
    .action(sweep);
}

async function sweep(path: string, flags: SweepFlags): Promise<void> {
  const { checkOutputFolder } = await import('ts-diffusion/node');
  const { readPlanSource } = await import('../sweep/plan/plan-source.js');
  const { checkPlan } = await import('../sweep/plan/read-plan.js');
  const { resolveCells } = await import('../sweep/cells/resolve-cells.js');
  const { SweepFolder } = await import('../sweep/running/sweep-folder.js');
  const { threadsOfEach } = await import('../sweep/running/threads.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');

  checkStoreHasQueue(flags.store, flags.queue);
  const { jobs = 1 } = flags;
  const threads = threadsOfEach(flags.threads, jobs);
  const source = readPlanSource(path);
  const plan = checkPlan(source);
  const folder = new SweepFolder(flags.out ?? join('sweeps', basename(path, extname(path))));
  checkOutputFolder(folder.path, { what: 'trainings, receipts and the report' });
  const signal = stopOnSignal('Stopping; trainings write checkpoints first.');
  try {
    if (flags.dryRun === true) {
      const { describeCost } = await import('../sweep/cost/describe-cost.js');
      const cells = await resolveCells(plan, signal);
      for await (const line of describeCost({ plan, cells, folder, jobs, threads, signal })) print(line);
      return;
    }
    const lock = folder.lock(flags.takeOver);
    try {
      const cells = await resolveCells(plan, signal);
      if (flags.reportOnly !== true) await runOpen(plan, cells, folder, flags, signal);
      const { writeSweepReport } = await import('../sweep/report/write-sweep-report.js');
      lock.verify();
      const { html, markdown } = writeSweepReport({ plan, text: source.text, cells, folder });
      print(`Wrote ${html}\nWrote ${markdown}`);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  if (signal.aborted) {
    say('Stopped. Run the same command to go on.');
    process.exitCode = STOPPED;
  }
}

/** Runs what is not done yet. A failed cell leaves the exit code 1. */
async function runOpen(
  plan: Plan,
  cells: readonly Cell[],
  folder: SweepFolder,
  flags: SweepFlags,
  signal: AbortSignal,
): Promise<void> {
  const { openWork, runSweep } = await import('../sweep/running/run-sweep.js');
  const { SweepProgress } = await import('../sweep/running/sweep-progress.js');

  const work = openWork(plan, cells, folder);
  const progress = new SweepProgress(work.tasks);
  const { executor, where } = await openExecutor(folder, cells, flags, progress);
  say(
    `${cells.length} cells, ${cells.length - work.cells.length} done before; ${work.trainings.length} trainings and ` +
      `${work.cells.length} evaluations to do, ${where}`,
  );
  try {
    const failed = await runSweep(work, cells, folder, executor, progress, signal);
    if (failed.length === 0) return;
    process.exitCode = 1;
    progress.log(`${failed.length} of ${cells.length} cells failed; run the same command to try them again.`);
  } finally {
    progress.stop();
    await executor.close();
  }
}

/** Child processes of this machine, or a queue. @returns also where that is, in words */
async function openExecutor(
  { path: folder }: SweepFolder,
  cells: readonly Cell[],
  flags: SweepFlags,
  progress: SweepProgress,
): Promise<{ readonly executor: Executor; readonly where: string }> {
  const { queue, jobs = 1, threads, takeOver } = flags;
  if (queue !== undefined && queue !== '') {
    if (flags.jobs !== undefined) {
      throw new ConfigError(
        '--jobs is for this machine; with --queue (or DIFFUSION_QUEUE) the --slots of the workers say how many jobs run at once.',
      );
    }
    const { openQueue } = await import('../options/queue-option.js');
    const { coordinate } = await import('../queue/coordinate.js');
    const server = await openQueue(queue);
    const store = await optionalStore(flags.store);
    if (store !== undefined) await (await import('../store/store-identity.js')).joinStore(store, folder);
    const inner = await coordinate(server, { ...flags, folder }, (line) => {
      progress.log(line);
    });
    const where = `by the workers at ${server.address.shown}`;
    if (store === undefined) return { executor: inner, where };
    const { StoreExecutor } = await import('../store/store-executor.js');
    const { trainingsOf, trainingTask } = await import('../sweep/cells/cell-tasks.js');
    const trainings = trainingsOf(cells).map((each) => [each.key, trainingTask(each, each.key, 0)] as const);
    const executor = new StoreExecutor(inner, store, folder, new Map(trainings));
    return { executor, where: `${where}, with files in ${store.name}` };
  }
  const { ChildExecutor } = await import('../sweep/running/child-executor.js');
  const { threadsOfEach } = await import('../sweep/running/threads.js');
  const each = threadsOfEach(threads, jobs);
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  const executor = new ChildExecutor({ folder, slots: jobs, threads: each, program, takeOver });
  return { executor, where: `${jobs} at once with ${each} threads each` };
}
