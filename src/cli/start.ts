import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolveTrainConfig, resumeTrainConfig, trainConfigSchema } from '../config.js';
import { addConfigOptions, givenConfig } from './config-options.js';
import { say } from './say.js';

const PRESET = 'quick';
/** Its runs are apart from those of `train`: only its own are gone on with. */
const PREFIX = 'start';
const IMAGES_PER_CLASS = 10;
/** The picture at the end: a run that has it is finished. */
const PICTURE = 'digits.png';

/** The fields that may be set without leaving the beaten track. */
const startSchema = trainConfigSchema.pick({ steps: true, seed: true, threads: true, data: true });

/** Adds the options and action of `diffusion start`. */
export function configureStart(command: Command): void {
  command.option('-r, --run <folder>', `run folder; default: the unfinished or next free runs/${PREFIX}-<number>`);
  addConfigOptions(command, startSchema).action(start);
}

async function start(options: { run?: string } & Record<string, unknown>): Promise<void> {
  const { RunFolder, hasTrained } = await import('../training/run-folder.js');
  const { latestRunFolder, nextRunFolder } = await import('./run-names.js');
  const { createRuntime, drawSamples, runTraining, stopOnInterrupt } = await import('./run-training.js');

  const given = givenConfig(startSchema, options);
  const path = options.run ?? unfinishedRun(latestRunFolder(PREFIX)) ?? nextRunFolder(PREFIX);
  const resume = hasTrained(path);
  // The same digits on every machine, and no wait for a network that may not be there.
  const fresh = resolveTrainConfig(PRESET, { offline: true }, given);
  const folder = resume ? RunFolder.resume(path) : RunFolder.create(path, fresh);
  try {
    const config = resume ? resumeTrainConfig(folder.readConfig(), given) : fresh;
    const signal = stopOnInterrupt();
    const { step, reason } = await runTraining(folder, config, signal);
    if (reason !== 'interrupted') {
      if (reason === 'time') say(`Out of time after step ${step} of ${config.steps}: the digits will be rougher.`);
      const { model, state } = folder.readCheckpoint(say);
      const picture = join(folder.path, PICTURE);
      say(`Sampling ${model.classes * IMAGES_PER_CLASS} images.`);
      const runtime = await createRuntime(config);
      if (await drawSamples(picture, runtime, config, model, state.ema, IMAGES_PER_CLASS, signal)) {
        say(nextSteps(picture, folder.path));
        return;
      }
    }
    say(`Stopped after step ${step}. Start again to go on.`);
    process.exitCode = 130;
  } finally {
    folder.close();
  }
}

function unfinishedRun(path: string | undefined): string | undefined {
  return path !== undefined && !existsSync(join(path, PICTURE)) ? path : undefined;
}

function nextSteps(picture: string, run: string): string {
  return `
Your digits, one row per class: ${picture}

Next:
  npx diffusion sample --run ${run} --labels 3,3,7      digits of your choice
  npx diffusion sample --run ${run} --steps-strip       the way from noise to digit
  npx diffusion export --run ${run}                     the model as ONNX and safetensors
  npx diffusion train --preset paper                    the paper's configuration (hours)
  npx diffusion --help                                  everything else`;
}
