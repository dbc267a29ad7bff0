import type { Command } from 'commander';
import { resolve } from 'node:path';
import { budgets, parseBudget } from '../experiments/budget.js';
import { protocolNames, type Study, studyParts } from '../experiments/study.js';
import type { StudyOptions } from '../experiments/study-plans.js';
import { integer, someOf } from '../options/arguments.js';
import { TEST_DATA_HELP } from '../options/data-help.js';
import { addNetworkOptions, type NetworkFlags } from '../options/evaluation-options.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';
import { checkStoreHasQueue } from '../options/store-option.js';
import { addSweepQueueOptions, type SweepQueueFlags } from '../options/sweep-queue-options.js';
import { print, say } from '../output/say.js';

const examples = `
Budgets: ${Object.keys(budgets).join(', ')}. Settings after a comma change the named budget; without a name, the full one:
  steps, samples, batch, channels, learning-rate, sampler, spacing, sampling-steps, full-chain, repeats

Examples:
  $ diffusion reproduce                                     about a day on two cores
  $ diffusion reproduce --dry-run                           the cells, and what they cost on this machine
  $ diffusion reproduce --jobs 2                            two cells at once, which share the threads
  $ diffusion reproduce --budget full --out runs/full       the paper's budget: 100,000 steps, 10,000 samples
  $ diffusion reproduce --budget tiny --out /tmp/tiny       minutes; a test run of every part
  $ diffusion reproduce --budget cpu,steps=5000 --parts table2,table3 --protocols corrected

The study is a sweep of the plans in this package's folder plans, which diffusion sweep takes as well. The command resumes an
unfinished study. Finished trainings and cells are not repeated, also those of another budget in the same folder.
The protocol "paper" includes the deviations of the published program from the paper, "corrected" does not; the report
lists them.`;

interface ReproduceFlags extends DeviceFlags, NetworkFlags, SweepQueueFlags {
  readonly out: string;
  readonly budget: string;
  readonly protocols: Study['protocols'];
  readonly parts: Study['parts'];
  readonly jobs?: number;
  readonly data?: string;
  readonly dryRun?: boolean;
  readonly reportOnly?: boolean;
  readonly takeOver?: boolean;
}

/** Adds the options and action of `diffusion reproduce`. */
export function configureReproduce(command: Command): void {
  command
    .description(
      "Reproduce the paper's Tables 1 to 4 and Figures 1, 2 and 4 as one experiment, under the published protocol and a corrected one. Writes an HTML and a Markdown report.",
    )
    .option('-o, --out <folder>', 'folder of the study', 'runs/study')
    .option('--budget <text>', 'training and sampling budget, see below', 'cpu')
    .option('--protocols <names>', 'protocols to run', someOf(protocolNames), protocolNames)
    .option('--parts <names>', 'parts of the study to run', someOf(studyParts), studyParts)
    .option('-j, --jobs <n>', 'cells at once, which share the threads (default: 1)', integer(1, 256))
    .option('--dry-run', 'list the cells and what they cost, measured for some seconds on this machine; run nothing')
    .option('--report-only', 'only write the report, from existing results')
    .option(
      '--take-over',
      'take over the locks of the folder and its trainings if the processes that hold them cannot be checked, e.g. on another machine',
    )
    .option('--data <folder>', TEST_DATA_HELP)
    .option('--offline', 'do not download anything');
  addDeviceOptions(addNetworkOptions(command), '. With --queue: threads of each job; 0: as many as its worker gives it')
    .addHelpText('after', examples)
    .action(runStudy);
  addSweepQueueOptions(command);
}

async function runStudy(flags: ReproduceFlags): Promise<void> {
  const { loadDataset } = await import('ts-diffusion/data');
  const { checkOutputFolder } = await import('ts-diffusion/node');
  const { joinedPlan, studyPlans } = await import('../experiments/study-plans.js');
  const { baseCell, cellsOf, plannedCells } = await import('../experiments/planned-cells.js');
  const { stripTasks } = await import('../experiments/strip-task.js');
  const { openWork } = await import('../sweep/running/run-sweep.js');
  const { SweepFolder } = await import('../sweep/running/sweep-folder.js');
  const { threadsOfEach } = await import('../sweep/running/threads.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');

  checkStoreHasQueue(flags.store, flags.queue);
  const { jobs = 1 } = flags;
  const threads = threadsOfEach(flags.threads, jobs);
  const study: Study = { budget: parseBudget(flags.budget), protocols: flags.protocols, parts: flags.parts };
  checkOutputFolder(flags.out, { what: 'trainings, samples, receipts and the report' });
  const plans = studyPlans(study, optionsOf(flags));
  const plan = joinedPlan("Reproduction of the paper's study", plans);
  const folder = new SweepFolder(flags.out);
  const signal = stopOnSignal('Stopping; trainings write checkpoints first.');
  const training = await loadDataset({ directory: flags.data, offline: flags.offline, onMessage: say, split: 'train' });
  try {
    const planned = await plannedCells(plans, plan, signal);
    const cells = cellsOf(planned);
    if (flags.dryRun === true) {
      const { describeCost } = await import('../sweep/cost/describe-cost.js');
      for await (const line of describeCost({ plan, cells, folder, jobs, threads, signal })) print(line);
      return;
    }
    const lock = folder.lock(flags.takeOver);
    try {
      if (flags.reportOnly !== true) {
        const { runOpenWork } = await import('../sweep/running/run-open-work.js');
        const work = openWork(plan, cells, folder);
        const strip = stripTasks(baseCell(planned)?.cell, folder);
        await runOpenWork({ ...work, tasks: [...work.tasks, ...strip] }, cells, folder, flags, signal);
      }
      const { writeReport } = await import('../experiments/report/write-report.js');
      lock.verify();
      const { html, markdown } = await writeReport({ study, folder, planned, training });
      print(`Wrote ${html}\nWrote ${markdown}`);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  if (signal.aborted) {
    say('Stopped. Run the same command to resume. The report contains the results so far.');
    process.exitCode = STOPPED;
  }
}

/** Children run in the folder of the study. */
function optionsOf(flags: ReproduceFlags): StudyOptions {
  const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(path));
  const { device, offline, fid, inceptionWeights } = flags;
  return {
    train: given({ data: absolute(flags.data), offline, device }),
    evaluate: given({
      evaluator: absolute(flags.evaluator),
      featureNetwork: absolute(flags.featureNetwork),
      secondFeatureNetwork: absolute(flags.secondFeatureNetwork),
      inceptionWeights: absolute(inceptionWeights),
    }),
    fid: fid === true || inceptionWeights !== undefined,
  };
}

const given = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
