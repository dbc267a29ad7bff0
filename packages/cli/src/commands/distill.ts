import type { Command } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import { distillConfigSchema } from 'ts-diffusion/train';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { say } from '../output/say.js';
import type { OpenDistillation } from '../training/run-distillation.js';

const examples = `
Examples:
  $ diffusion distill --model modern --steps 1,2,4             a student of the model in the package
  $ diffusion distill --model runs/mine --steps 1 --run runs/one-step
  $ diffusion distill --run runs/one-step --resume             resume after Ctrl-C, a crash or a power cut
  $ diffusion sample --run runs/one-step --steps 1             draw with the student
  $ diffusion export --run runs/one-step --half --tone-curve   write it as a model file

The student is the teacher's network, a modern-unet, with the guidance weight as an input: one evaluation per step.`;

interface DistillFlags {
  readonly run?: string;
  readonly resume?: boolean;
  readonly takeOver?: boolean;
}

/** Adds the options and action of `diffusion distill`. */
export function configureDistill(command: Command): void {
  command
    .option('-r, --run <folder>', 'run folder; default: the next free runs/distill-<number>')
    .option('--resume', 'resume the distillation in --run; options may change its device and what it writes when')
    .option(
      '--take-over',
      'take over the lock of the folder if the process that holds it cannot be checked, e.g. on another machine',
    );
  addConfigOptions(command, distillConfigSchema).addHelpText('after', examples).action(distillAction);
}

async function distillAction(options: DistillFlags & Record<string, unknown>): Promise<void> {
  const { runDistillation } = await import('../training/run-distillation.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');
  const given = givenConfig(distillConfigSchema, options);
  const signal = stopOnSignal('Stopping after the current update, which is saved first.');
  const run = options.resume === true ? await resumed(options, given) : await begun(options, given);
  try {
    const { step, reason } = await runDistillation(run, signal);
    const { path } = run.folder;
    if (reason === 'finished') say(`Distilled in ${step} updates. Next: diffusion sample --run ${path}`);
    else {
      say(
        `Stopped after update ${step} of ${run.config.updates}. Resume with: diffusion distill --run ${path} --resume`,
      );
      process.exitCode = STOPPED;
    }
  } finally {
    run.folder.close();
  }
}

async function begun({ run, takeOver }: DistillFlags, given: object): Promise<OpenDistillation> {
  const { DistillFolder } = await import('ts-diffusion/node');
  const { resolveDistillConfig } = await import('ts-diffusion/train');
  const { nextRunFolder } = await import('../training/run-names.js');
  const config = resolveDistillConfig(given);
  const folder = DistillFolder.create(run ?? nextRunFolder('distill'), config, { takeOver });
  return { folder, config, resume: undefined };
}

/** @throws ConfigError without a folder, RunFolderError and CheckpointError where there is nothing to go on with */
async function resumed({ run, takeOver }: DistillFlags, given: object): Promise<OpenDistillation> {
  if (run === undefined) throw new ConfigError('Which run should be resumed? Give --run <folder> with --resume.');
  const { DistillFolder } = await import('ts-diffusion/node');
  const { resolveDistillConfig } = await import('ts-diffusion/train');
  const folder = DistillFolder.resume(run, { takeOver });
  try {
    const resume = folder.hasCheckpoint ? folder.readCheckpoint(say) : undefined;
    return { folder, config: resolveDistillConfig({ ...folder.readConfig(), ...given }), resume };
  } catch (error) {
    folder.close();
    throw error;
  }
}
