import { type Command, Option } from 'commander';
import { resolve } from 'node:path';
import { ConfigError } from 'ts-diffusion/errors';
import { budgets, budgetSettings, parseBudget } from '../experiments/budget.js';
import type { KeptSource } from '../experiments/report/report-source.js';
import type { PlannedCell } from '../experiments/planned-cells.js';
import { protocolNames, type Study, studyParts } from '../experiments/study.js';
import type { KeepModels } from '../experiments/kept/keep-models.js';
import type { KeptModel } from '../experiments/kept/kept-models.js';
import type { PartPlan, StudyOptions } from '../experiments/study-plans.js';
import type { Plan } from '../sweep/plan/read-plan.js';
import type { SweepFolder } from '../sweep/running/sweep-folder.js';
import { integer, someOf } from '../options/arguments.js';
import { TEST_DATA_HELP } from '../options/data-help.js';
import { addNetworkOptions, type NetworkFlags } from '../options/evaluation-options.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';
import { checkStoreHasQueue } from '../options/store-option.js';
import { addSweepQueueOptions, type SweepQueueFlags } from '../options/sweep-queue-options.js';
import { print, say } from '../output/say.js';

const settingsHelp = budgetSettings.map(({ name, description }) => `  ${name.padEnd(21)}${description}`).join('\n');

const examples = `
Budgets: ${Object.keys(budgets).join(', ')}. Settings after a comma change the named budget; without a name, the full one:
${settingsHelp}
Lists are written with hyphens: channels=64-128-256, guidance=0-0.2-0.5.

Examples:
  $ diffusion reproduce                                     about a day on two cores
  $ diffusion reproduce --dry-run                           the cells, and what they cost on this machine
  $ diffusion reproduce --jobs 2                            two cells at once, which share the threads
  $ diffusion reproduce --budget full --out runs/full       the paper's budget: 100,000 steps, 10,000 samples
  $ diffusion reproduce --budget tiny --out /tmp/tiny       minutes; a test run of every part
  $ diffusion reproduce --budget cpu,steps=5000 --parts table2,table3 --protocols corrected
  $ diffusion reproduce --budget paper-width --keep models/paper-width          each finished model is kept
  $ diffusion reproduce --budget paper-width --from-kept models/paper-width     its scores without any training
  $ diffusion reproduce --budget paper-width --from-kept models/paper-width --fid --inception-weights FILE

The study is a sweep of the plans in this package's folder plans, which diffusion sweep takes as well. The command resumes an
unfinished study. Finished trainings and cells are not repeated, also those of another budget in the same folder.
With --from-kept the settings of a budget that say how models are trained change nothing.
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
  readonly keep?: string;
  readonly fromKept?: string;
}

/** Adds the options and action of `diffusion reproduce`. */
export function configureReproduce(command: Command): void {
  command
    .description(
      "Reproduce the paper's Tables 1 to 4 and Figures 1 to 4 as one experiment, under the published protocol and a corrected one. Writes an HTML and a Markdown report.",
    )
    .option('-o, --out <folder>', 'folder of the study', 'runs/study')
    .option('--budget <text>', 'training and sampling budget, see below', 'cpu')
    .option('--protocols <names>', 'protocols to run', someOf(protocolNames), protocolNames)
    .option('--parts <names>', 'parts of the study to run', someOf(studyParts), studyParts)
    .option('-j, --jobs <n>', 'cells at once, which share the threads (default: 1)', integer(1, 256))
    .addOption(
      new Option(
        '--keep <folder>',
        'write the averaged weights of each finished training as float16 safetensors, with a receipt, into this folder; not with --store',
      ).conflicts('fromKept'),
    )
    .addOption(
      new Option(
        '--from-kept <folder>',
        'draw from the models that --keep wrote into this folder, on the cpu; nothing is trained',
      ).conflicts(['device', 'offline']),
    )
    .option('--dry-run', 'list the cells and what they cost, measured for some seconds on this machine; run nothing')
    .option(
      '--report-only',
      'run nothing: write the report from existing results, and keep finished trainings with --keep',
    )
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
  const { baseCell, cellsOf } = await import('../experiments/planned-cells.js');
  const { stripTasks } = await import('../experiments/strip-task.js');
  const { openWork } = await import('../sweep/running/run-sweep.js');
  const { SweepFolder } = await import('../sweep/running/sweep-folder.js');
  const { threadsOfEach } = await import('../sweep/running/threads.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');

  checkStoreHasQueue(flags.store, flags.queue);
  checkKept(flags);
  const { jobs = 1 } = flags;
  const threads = threadsOfEach(flags.threads, jobs);
  const study: Study = { budget: parseBudget(flags.budget), protocols: flags.protocols, parts: flags.parts };
  checkOutputFolder(flags.out, { what: 'trainings, samples, receipts and the report' });
  const plans = studyPlans(study, optionsOf(flags));
  const plan = joinedPlan("Reproduction of the paper's study", plans);
  const folder = new SweepFolder(flags.out);
  const signal = stopOnSignal('Stopping; trainings write checkpoints first.');
  let isReported = false;
  const training = await loadDataset({ directory: flags.data, offline: flags.offline, onMessage: say, split: 'train' });
  try {
    const { planned, kept } = await findCells(flags, plans, plan, signal);
    const cells = cellsOf(planned);
    for (const name of kept?.missing ?? []) say(`${name}: no such kept model; its cells stay open.`);
    if (flags.dryRun === true) {
      const { describeCost } = await import('../sweep/cost/describe-cost.js');
      for await (const line of describeCost({ plan, cells, folder, jobs, threads, signal })) print(line);
      return;
    }
    const lock = folder.lock(flags.takeOver);
    try {
      const keeper = await keeperOf(flags, folder, planned);
      for (const line of keeper?.keepFinished() ?? []) say(line);
      if (flags.reportOnly !== true) {
        const { runOpenWork } = await import('../sweep/running/run-open-work.js');
        const work = openWork(plan, cells, folder);
        const strip = stripTasks(baseCell(planned)?.cell, folder);
        const tasks = [...work.tasks, ...strip];
        await runOpenWork({ ...work, tasks }, cells, folder, flags, signal, (task) => keeper?.keepAfter(task));
      }
      const { writeReport } = await import('../experiments/report/write-report.js');
      lock.verify();
      const { html, markdown } = await writeReport({
        study,
        folder,
        planned,
        kept,
        scores: plan.scores,
        flags,
        training,
      });
      isReported = true;
      print(`Wrote ${html}\nWrote ${markdown}`);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  if (signal.aborted) {
    say(`Stopped. Run the same command to resume.${isReported ? ' The report contains the results so far.' : ''}`);
    process.exitCode = STOPPED;
  }
}

/** @throws ConfigError where what is to be kept does not come to this machine */
function checkKept({ keep, store }: ReproduceFlags): void {
  if (keep === undefined || store === undefined) return;
  throw new ConfigError(
    '--keep takes models from the folder of the study, and with --store (or DIFFUSION_STORE) checkpoints stay in the store; leave out ' +
      '--keep, or leave out --store and run the study in a folder that all workers share.',
  );
}

/** The cells of a study: of trainings, or of kept models. A dry run opens these from where it is started. */
async function findCells(
  { fromKept, out, dryRun }: ReproduceFlags,
  plans: readonly PartPlan[],
  plan: Plan,
  signal: AbortSignal,
): Promise<{ readonly planned: readonly PlannedCell[]; readonly kept?: KeptSource }> {
  if (fromKept === undefined) {
    const { plannedCells } = await import('../experiments/planned-cells.js');
    return { planned: await plannedCells(plans, plan, signal) };
  }
  const { keptCells } = await import('../experiments/kept/kept-cells.js');
  const { KeptModels, seenFrom } = await import('../experiments/kept/kept-models.js');
  const placeOf = (model: KeptModel): string => (dryRun === true ? model.path : seenFrom(out, model));
  const { planned, ...models } = await keptCells(plans, plan, new KeptModels(fromKept), placeOf, signal);
  return { planned, kept: { folder: fromKept, ...models } };
}

async function keeperOf(
  { keep }: ReproduceFlags,
  folder: SweepFolder,
  planned: readonly PlannedCell[],
): Promise<KeepModels | undefined> {
  if (keep === undefined) return undefined;
  const { KeepModels: Keeper } = await import('../experiments/kept/keep-models.js');
  return new Keeper(keep, folder, planned);
}

/** Children run in the folder of the study. */
function optionsOf(flags: ReproduceFlags): StudyOptions {
  const absolute = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(path));
  const { device, offline, fid, inceptionWeights, fromKept } = flags;
  return {
    train: given({ data: absolute(flags.data), offline, device }),
    evaluate: given({
      // A kept model does not say where images are; a run does.
      data: fromKept === undefined ? undefined : absolute(flags.data),
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
