import type { Command } from 'commander';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EMBEDDED } from 'ts-diffusion/data';
import { resolveTrainConfig, type TrainConfig, trainConfigSchema } from 'ts-diffusion/train';
import { addConfigOptions, givenConfig } from '../options/config-options.js';
import { say } from '../output/say.js';

const PRESET = 'quick';
const presetConfig = resolveTrainConfig(PRESET);
/** Models of the package that are sampled before the own one is trained, each into a picture of its name. */
const GALLERY = ['modern', 'colour'];
const GALLERY_FOLDER = 'gallery';
/** What its run folders are called: it goes on with no others. */
const NAME = 'start';
const IMAGES_PER_CLASS = 10;
/** The picture at the end: a run that has it is finished. */
const PICTURE = 'digits.png';

/** The fields that may be set without leaving the beaten track. */
const startSchema = trainConfigSchema.pick({ steps: true, seed: true, threads: true }).extend({
  steps: trainConfigSchema.shape.steps.describe(
    `total number of training steps; without this option, fewer where this machine would take longer than ${presetConfig.maxMinutes} minutes`,
  ),
  data: trainConfigSchema.shape.data.describe(
    `folder with IDX files; default: DIFFUSION_DATA_DIR, or the 10,000 ${EMBEDDED} digits; nothing is downloaded`,
  ),
});

const examples = `
Examples:
  $ diffusion start                      sample from models in the package, then train on the embedded digits
  $ diffusion start --data data/fashion  train on your own IDX pair
  $ diffusion start                      after Ctrl-C: resume`;

/** Adds the options and action of `diffusion start`. */
export function configureStart(command: Command): void {
  command.option(
    '-r, --run <folder>',
    `run folder; default: the unfinished runs/${NAME}-<number>, or the next free one`,
  );
  addConfigOptions(command, startSchema, presetConfig).addHelpText('after', examples).action(start);
}

async function start(options: { run?: string } & Record<string, unknown>): Promise<void> {
  const { hasTrained } = await import('ts-diffusion/node');
  const { beginRun, continueRun } = await import('../training/open-run.js');
  const { latestRunFolder, nextRunFolder } = await import('../training/run-names.js');
  const { DiffusionPipeline, pipelineModel } = await import('ts-diffusion');
  const { drawRows, runTraining } = await import('../training/run-training.js');
  const { withStepsInTime } = await import('../training/steps-in-time.js');
  const { STOPPED, stopOnSignal } = await import('../stop-signal.js');
  const { createNodeRuntime } = await import('ts-diffusion/node');

  const given = givenConfig(startSchema, options);
  const path = options.run ?? unfinishedRun(latestRunFolder(NAME)) ?? nextRunFolder(NAME);
  // Before the folder is locked: a signal must not end the process with the lock in place.
  const signal = stopOnSignal();
  const run = hasTrained(path) ? continueRun(path, given, say) : beginRun(path, newConfig(given));
  const { folder, config } = run;
  try {
    const look = async (): Promise<TrainConfig | undefined> => {
      if (!(await drawGallery(join(folder.path, GALLERY_FOLDER), config.threads, signal))) return undefined;
      return 'steps' in given ? config : await withStepsInTime(config, signal);
    };
    const { step, steps, reason } = await runTraining(run, signal, run.resume ? undefined : look);
    if (reason !== 'interrupted') {
      if (reason === 'time')
        say(`Time limit reached after step ${step} of ${steps}: the samples will be worse than after all steps.`);
      const picture = join(folder.path, PICTURE);
      const pipeline = new DiffusionPipeline(
        await createNodeRuntime(config),
        pipelineModel(folder.readCheckpoint(say)),
      );
      say(`Sampling ${pipeline.seenClasses.length * IMAGES_PER_CLASS} images.`);
      if (await drawRows(picture, pipeline, { seed: config.seed }, IMAGES_PER_CLASS, signal)) {
        say(nextSteps(picture, folder.path));
        return;
      }
    }
    say(
      step === 0
        ? 'Stopped before the first step. Run the same command to start again.'
        : `Stopped after step ${step}. Run the same command to resume.`,
    );
    process.exitCode = STOPPED;
  } finally {
    folder.close();
  }
}

/** Something to look at while the own model trains. @returns false when the signal was aborted meanwhile */
async function drawGallery(gallery: string, threads: number, signal: AbortSignal): Promise<boolean> {
  const { drawRows } = await import('../training/run-training.js');
  const { loadPipeline } = await import('../options/pipeline-options.js');
  const { shippedModel } = await import('ts-diffusion/node');
  mkdirSync(gallery, { recursive: true });
  for (const model of GALLERY) {
    say(`Sampling ${IMAGES_PER_CLASS} images of each digit from the model "${model}" in the package.`);
    const pipeline = await loadPipeline({ model, weights: 'ema', device: 'cpu', threads });
    const picture = join(gallery, `${model}.png`);
    if (!(await drawRows(picture, pipeline, shippedModel(model).sampling, IMAGES_PER_CLASS, signal))) return false;
    say(`Wrote ${picture}`);
  }
  say(`Training a new model. Ctrl-C writes a checkpoint and stops; the same command resumes.\n`);
  return true;
}

/** Without a wish for other data: the digits that are the same on every machine, network or not. */
function newConfig(given: object): TrainConfig {
  return resolveTrainConfig(PRESET, { data: process.env['DIFFUSION_DATA_DIR'] || EMBEDDED }, given);
}

function unfinishedRun(path: string | undefined): string | undefined {
  return path !== undefined && !existsSync(join(path, PICTURE)) ? path : undefined;
}

function nextSteps(picture: string, run: string): string {
  return `
Samples of your model, one row per class: ${picture}

Next:
  npx diffusion sample --run ${run} --labels 3,3,7      digits of your choice
  npx diffusion sample --run ${run} --steps-strip       the sampling steps from noise to digit
  npx diffusion export --run ${run}                     the model as ONNX and safetensors
  npx diffusion train --preset paper                    the paper's configuration (hours)
  npx diffusion --help                                  all commands`;
}
