import type { Command } from 'commander';
import { basename, extname, join } from 'node:path';
import { integer } from '../options/arguments.js';
import { checkStoreHasQueue } from '../options/store-option.js';
import { addSweepQueueOptions } from '../options/sweep-queue-options.js';
import { print, say } from '../output/say.js';
import type { RunFlags } from '../sweep/running/open-executor.js';

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

interface SweepFlags extends RunFlags {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly reportOnly?: boolean;
}

/** Adds the options and action of `diffusion sweep`. */
export function configureSweep(command: Command): void {
  command
    .argument('<plan>', 'YAML or JSON file that says what to vary and what to measure')
    .option('-o, --out <folder>', 'folder of the sweep; default: sweeps/<name of the plan>')
    .option('-j, --jobs <n>', 'cells at once (default: 1)', integer(1, 256))
    .option(
      '--threads <n>',
      'threads of all cells together, as many as jobs or more; 0: one per physical core available to the process. With --queue: threads of ' +
        'each job; 0: as many as its worker gives it',
      integer(0, 1024),
      0,
    )
    .option('--dry-run', 'list the cells and what they cost, measured for some seconds on this machine; run nothing')
    .option('--report-only', 'only write the report, from existing results')
    .option(
      '--take-over',
      'take over the locks of the folder and its trainings if the processes that hold them cannot be checked, e.g. on another machine',
    )
    .addHelpText('after', examples)
    .action(sweep);
  addSweepQueueOptions(command);
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
      if (flags.reportOnly !== true) {
        const { openWork } = await import('../sweep/running/run-sweep.js');
        const { runOpenWork } = await import('../sweep/running/run-open-work.js');
        await runOpenWork(openWork(plan, cells, folder), cells, folder, flags, signal);
      }
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
