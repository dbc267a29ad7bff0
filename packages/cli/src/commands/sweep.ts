import type { Command } from 'commander';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { integer } from '../options/arguments.js';
import { print, say } from '../output/say.js';
import type { Cell } from '../sweep/cells/cell.js';
import type { Plan } from '../sweep/plan/read-plan.js';
import type { SweepFolder } from '../sweep/running/sweep-folder.js';

const examples = `
Examples:
  $ diffusion sweep plan.yaml --dry-run          the cells, and what they cost on this machine
  $ diffusion sweep plan.yaml                    train, sample and score all of them; writes sweeps/plan/sweep.html
  $ diffusion sweep plan.yaml --jobs 4           four cells at once, which share the threads
  $ diffusion sweep plan.yaml --report-only      only write the report, from what is done

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
  readonly jobs: number;
  readonly threads: number;
  readonly dryRun?: boolean;
  readonly reportOnly?: boolean;
  readonly takeOver?: boolean;
}

/** Adds the options and action of `diffusion sweep`. */
export function configureSweep(command: Command): void {
  command
    .argument('<plan>', 'YAML or JSON file that says what to vary and what to measure')
    .option('-o, --out <folder>', 'folder of the sweep; default: sweeps/<name of the plan>')
    .option('-j, --jobs <n>', 'cells at once', integer(1, 256), 1)
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

  const threads = threadsOfEach(flags.threads, flags.jobs);
  const source = readPlanSource(path);
  const plan = checkPlan(source);
  const folder = new SweepFolder(flags.out ?? join('sweeps', basename(path, extname(path))));
  checkOutputFolder(folder.path, { what: 'trainings, receipts and the report' });
  const signal = stopOnSignal('Stopping; trainings write checkpoints first.');
  try {
    if (flags.dryRun === true) {
      const { describeCost } = await import('../sweep/cost/describe-cost.js');
      const cells = await resolveCells(plan, signal);
      for await (const line of describeCost({ plan, cells, folder, ...flags, threads, signal })) print(line);
      return;
    }
    const lock = folder.lock(flags.takeOver);
    try {
      const cells = await resolveCells(plan, signal);
      if (flags.reportOnly !== true) await runOpen(plan, cells, folder, { ...flags, threads }, signal);
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

/** Runs what is not done yet. A failed cell leaves the exit code 1. @param flags `threads`: of each job */
async function runOpen(
  plan: Plan,
  cells: readonly Cell[],
  folder: SweepFolder,
  { jobs, threads, takeOver }: SweepFlags,
  signal: AbortSignal,
): Promise<void> {
  const { openWork, runSweep } = await import('../sweep/running/run-sweep.js');
  const { ChildExecutor } = await import('../sweep/running/child-executor.js');
  const { SweepProgress } = await import('../sweep/running/sweep-progress.js');

  const work = openWork(plan, cells, folder);
  say(
    `${cells.length} cells, ${cells.length - work.cells.length} done before; ${work.trainings.length} trainings and ` +
      `${work.cells.length} evaluations to do, ${jobs} at once with ${threads} threads each`,
  );
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  const executor = new ChildExecutor({ folder: folder.path, slots: jobs, threads, program, takeOver });
  const progress = new SweepProgress(work.tasks);
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
