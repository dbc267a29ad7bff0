import { type Command, Option } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import { closeImages } from 'ts-diffusion/data';
import { trainConfigSchema, trainPresetNames } from 'ts-diffusion/train';
import { integer } from '../options/arguments.js';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { addReplicaQueueOptions, replicaQueue, type ReplicaQueueFlags } from '../options/replica-queue-options.js';
import { say } from '../output/say.js';
import type { OpenRun } from '../training/open-run.js';
import { DEFAULT_PRESET, FOR_IMAGES } from '../training/presets.js';

const examples = `
Examples:
  $ diffusion train --preset quick                             a small model in a few minutes
  $ diffusion train --run runs/cosine --schedule cosine        the paper's configuration with the cosine schedule
  $ diffusion train --run runs/fashion --data data/fashion     any IDX pair
  $ diffusion train --run runs/mine --data my-pictures --preset images   your pictures, a subfolder per class
  $ diffusion train --run runs/mnist --data hf:ylecun/mnist     a data set of the Hugging Face Hub
  $ diffusion train --run runs/mine --data my-pictures --validation 0.1 --evaluate-every 1000 --tensorboard   watch it
  $ diffusion train --run runs/cosine --resume                 resume after Ctrl-C, a crash or a power cut
  $ diffusion train --run runs/cosine --resume --steps 200000  train longer
  $ diffusion train --preset quick --steps 3000 --replicas 4 --sync-every 100 --run runs/four   four replicas, averaged
  $ diffusion train --preset modern --replicas 4 --queue redis://server --run /mnt/four   on machines that run diffusion worker
  $ diffusion train --preset modern --initial-weights modern   start from the weights of a model in the package
  $ diffusion train --initial-weights imported --data my-pictures   train an imported model of diffusers further

Precedence: options, then the --config file, then the preset, then the defaults. The defaults are the paper's configuration.
The preset images chooses network, steps and dropout for the size, the channels and the number of the images in --data.`;

interface TrainFlags extends ReplicaQueueFlags {
  readonly preset?: string;
  readonly config?: string;
  readonly run?: string;
  readonly resume?: boolean;
  readonly takeOver?: boolean;
  readonly replacesLock?: string;
  readonly jobs?: number;
  readonly replica?: number;
  readonly fromStep?: number;
}

/** Adds the options and action of `diffusion train`. */
export function configureTrain(command: Command): void {
  command
    .option(
      '-p, --preset <name>',
      `preset configuration: ${trainPresetNames.join(', ')} (default: ${DEFAULT_PRESET}; for your own pictures: ${FOR_IMAGES})`,
    )
    .option('-c, --config <file>', 'JSON file with any of the fields below, e.g. the config.json of another run')
    .option('-r, --run <folder>', 'run folder; default: the next free runs/<preset>-<number>')
    .option('--resume', 'resume the run in --run; options may extend it or change its device')
    .option(
      '--take-over',
      'take over the lock of the folder if the process that holds it cannot be checked, e.g. on another machine',
    );
  command
    .option(
      '-j, --jobs <n>',
      'with --replicas: replicas at once on this machine, which share the threads',
      integer(1, 256),
    )
    // The lock of a lost worker's child, as the worker that has its job starts this.
    .addOption(new Option('--replaces-lock <nonce>').hideHelp())
    // A replica's part of a round, as the training of all starts it.
    .addOption(new Option('--replica <n>').argParser(integer(1, 1000)).hideHelp())
    .addOption(new Option('--from-step <n>').argParser(integer(0, Number.MAX_SAFE_INTEGER)).hideHelp());
  addReplicaQueueOptions(command);
  addConfigOptions(command, trainConfigSchema).addHelpText('after', examples).action(trainAction);
}

async function trainAction(options: Record<string, unknown> & TrainFlags): Promise<void> {
  const { continueRun } = await import('../training/open-run.js');
  const { runTraining } = await import('../training/run-training.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');

  const { replacesLock: replaces, takeOver } = options;
  const given = givenConfig(trainConfigSchema, options);
  // Before the folder is locked: a signal must not end the process with the lock in place.
  const signal = stopOnSignal();
  if (options.replica !== undefined) {
    const { runSlice } = await import('../training/replicas/run-slice.js');
    const { run = '.', replica, fromStep: from = 0 } = options;
    if (!(await runSlice({ run, replica, from, changes: given }, signal))) process.exitCode = STOPPED;
    return;
  }
  const run =
    options.resume === true
      ? continueRun(folderToResume(options), given, say, { takeOver, replaces })
      : await newRun(options, given, signal);
  if (run === undefined) {
    say('Stopped before the training began.');
    process.exitCode = STOPPED;
    return;
  }
  try {
    checkJobs(options.jobs, run);
    const queue = replicaQueue(options, { replicas: run.config.replicas, jobs: options.jobs });
    const { step, reason } = await runTraining({ ...run, jobs: options.jobs, queue }, signal);
    if (reason === 'finished') {
      say(`Trained ${step} steps. Next: diffusion sample --run ${run.folder.path}`);
      const best = run.folder.best.read();
      if (best !== undefined && best.step !== step) {
        const { metric, value } = best.selection;
        say(
          `The best weights are of step ${best.step} (${metric} ${Number(value.toPrecision(4))}): add --weights best`,
        );
      }
    } else {
      say(
        `Stopped after step ${step} of ${run.config.steps}${reason === 'time' ? ' (maxMinutes)' : ''}. ` +
          `Resume with: diffusion train --run ${run.folder.path} --resume`,
      );
      if (reason === 'interrupted') process.exitCode = STOPPED;
    }
  } finally {
    run.folder.close();
  }
}

/** @throws ConfigError where there is only one network to train */
function checkJobs(jobs: number | undefined, { config }: OpenRun): void {
  if (jobs === undefined || config.replicas !== undefined) return;
  throw new ConfigError(
    `--jobs ${jobs} is how many replicas train at once, but this training has none. Add --replicas, or remove --jobs.`,
  );
}

/** @returns undefined when the signal was aborted while images were opened */
async function newRun(
  { preset, config: path, run, takeOver }: TrainFlags,
  options: object,
  signal: AbortSignal,
): Promise<OpenRun | undefined> {
  const { readTrainConfigFile } = await import('ts-diffusion/node');
  const { newConfig } = await import('../training/new-config.js');
  const { beginRun } = await import('../training/open-run.js');
  const { nextRunFolder } = await import('../training/run-names.js');
  const file = path === undefined ? {} : readTrainConfigFile(path);
  const made = await newConfig({ preset, file, options }, signal);
  if (made === undefined) return undefined;
  const { config, images, begun } = made;
  try {
    const isDefault = preset === undefined && path === undefined && !('model' in { ...options, ...begun });
    const folder = run ?? nextRunFolder(preset ?? DEFAULT_PRESET);
    return { ...beginRun(folder, config, { takeOver }), images, isDefault };
  } catch (error) {
    if (images) closeImages(images);
    throw error;
  }
}

function folderToResume({ run, preset, config }: TrainFlags): string {
  if (run === undefined) throw new ConfigError('Which run should be resumed? Give --run <folder> with --resume.');
  if (preset !== undefined || config !== undefined) {
    throw new ConfigError(
      `A resumed run keeps its own configuration: remove ${preset === undefined ? '--config' : '--preset'}.`,
    );
  }
  return run;
}
