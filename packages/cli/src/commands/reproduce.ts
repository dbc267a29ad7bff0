import { InvalidArgumentError, type Command } from 'commander';
import { budgets, parseBudget } from '../experiments/budget.js';
import { studyParts, type Study } from '../experiments/plan.js';
import { protocolNames } from '../experiments/protocol.js';
import type { ArgumentParser } from '../options/arguments.js';
import { TEST_DATA_HELP } from '../options/data-help.js';
import { addNetworkOptions, loadNetworks, type NetworkFlags } from '../options/evaluation-options.js';
import { addDeviceOptions, type DeviceFlags } from '../options/pipeline-options.js';
import { ProgressBar } from '../output/progress.js';
import { print, say } from '../output/say.js';
import { packageVersion } from '../version.js';

const examples = `
Budgets: ${Object.keys(budgets).join(', ')}. Settings after a comma change the named budget; without a name, the full one:
  steps, samples, batch, channels, learning-rate, sampler, spacing, sampling-steps, full-chain, repeats

Examples:
  $ diffusion reproduce                                     about a day on two cores
  $ diffusion reproduce --budget full --out runs/full       the paper's budget: 100,000 steps, 10,000 samples
  $ diffusion reproduce --budget tiny --out /tmp/tiny       minutes; a test run of every part
  $ diffusion reproduce --budget cpu,steps=5000 --parts table2,table3 --protocols corrected

The command resumes an unfinished study. Finished training, sampling and scoring are not repeated.
The protocol "paper" includes the deviations of the published program from the paper, "corrected" does not; the report
lists them.`;

interface ReproduceFlags extends DeviceFlags, NetworkFlags {
  readonly out: string;
  readonly budget: string;
  readonly protocols: Study['protocols'];
  readonly parts: Study['parts'];
  readonly data?: string;
  readonly reportOnly?: boolean;
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
    .option('--report-only', 'only write the report, from existing results')
    .option('--data <folder>', TEST_DATA_HELP)
    .option('--offline', 'do not download anything');
  addDeviceOptions(addNetworkOptions(command)).addHelpText('after', examples).action(runStudy);
}

async function runStudy(flags: ReproduceFlags): Promise<void> {
  const { loadDataset } = await import('ts-diffusion/data');
  const { reproduce } = await import('../experiments/reproduce.js');
  const { StudyFolder } = await import('../experiments/study-folder.js');
  const { writeReport } = await import('../experiments/report/write-report.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');
  const { checkOutputFolder, createNodeRuntime } = await import('ts-diffusion/node');

  const study: Study = { budget: parseBudget(flags.budget), protocols: flags.protocols, parts: flags.parts };
  checkOutputFolder(flags.out, { what: 'runs, samples, receipts and the report' });
  const folder = new StudyFolder(flags.out, study);
  const where = { directory: flags.data, offline: flags.offline, onMessage: say };
  const test = await loadDataset({ ...where, split: 'test' });
  const training = await loadDataset({ ...where, split: 'train' });
  const runtime = await createNodeRuntime(flags);

  if (flags.reportOnly !== true) {
    const signal = stopOnSignal('Stopping; finished work is kept.');
    const loaded = await loadNetworks(flags, runtime);
    const program = `ts-diffusion ${packageVersion()}`;
    const progress = new ProgressBar();
    try {
      for await (const event of reproduce({ study, folder, training, test, runtime, ...loaded, program, signal })) {
        if (event.type === 'stage') progress.log(event.text);
        else if (event.type === 'progress') progress.update(Math.round(event.done), event.total, event.detail);
        else if (event.type === 'interrupted') process.exitCode = STOPPED;
      }
    } finally {
      progress.stop();
    }
  }
  const { html, markdown } = await writeReport({ study, folder, training });
  if (process.exitCode === STOPPED)
    say('Stopped. Run the same command to resume. The report contains the results so far.');
  print(`Wrote ${html}\nWrote ${markdown}`);
}

/** A comma-separated list of some of `names`, in their order. */
function someOf<T extends string>(names: readonly T[]): ArgumentParser<readonly T[]> {
  return (text) => {
    const wanted = text.split(',').map((item) => item.trim());
    const unknown = wanted.find((item) => !names.includes(item as T));
    if (unknown !== undefined) throw new InvalidArgumentError(`Expected names among ${names.join(',')}.`);
    return names.filter((item) => wanted.includes(item));
  };
}
