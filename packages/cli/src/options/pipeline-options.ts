import { Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { DiffusionPipeline, PipelineModel } from 'ts-diffusion';
import type { ModelSampling } from 'ts-diffusion/diffusion';
import { CheckpointError } from 'ts-diffusion/errors';
import { bestWeightsFile, shippedModel, type ShippedModel, shippedModels } from 'ts-diffusion/node';
import { integer } from './arguments.js';
import { say } from '../output/say.js';

/** The options that say which weights to use. */
export interface CheckpointFlags {
  readonly model?: string;
  readonly run?: string;
  readonly checkpoint?: string;
  readonly weights: 'ema' | 'model' | 'best';
  readonly atStep?: number;
}

/** The options that say where to compute. */
export interface DeviceFlags {
  readonly device: 'cpu' | 'webgpu';
  readonly threads: number;
}

/** The models of the package, for help texts: help is given also where the package is damaged. */
export function listedModels(): readonly ShippedModel[] {
  try {
    return shippedModels();
  } catch {
    return [];
  }
}

/** Adds `--model`, `--run`, `--checkpoint`, `--weights` and `--at-step`. */
export function addCheckpointOptions(command: Command): Command {
  const [first, ...others] = listedModels().map(({ id }) => id);
  const names = `${first ?? ''} (default), ${others.join(', ')}`;
  return command
    .addOption(
      new Option(
        '--model <name>',
        `model in the package, or the path of a model, in place of --run or --checkpoint: ${names}`,
      ).conflicts(['run', 'checkpoint']),
    )
    .addOption(new Option('-r, --run <folder>', 'run folder; uses its newest checkpoint').conflicts('checkpoint'))
    .option('-c, --checkpoint <file>', 'checkpoint file or exported model')
    .addOption(
      new Option(
        '--weights <which>',
        'averaged weights (EMA), weights of the last training step, or the best averaged weights of the run',
      )
        .choices(['ema', 'model', 'best'])
        .default('ema'),
    )
    .option(
      '--at-step <n>',
      'refuse weights of another training step, e.g. in the shards of a run that trains on, or where the newest checkpoint is ' +
        'damaged and the one before it would be used',
      integer(0),
    );
}

/** Adds `--device` and `--threads`. @param more about the threads */
export function addDeviceOptions(command: Command, more = ''): Command {
  return command
    .addOption(new Option('--device <name>', 'device to compute on').choices(['cpu', 'webgpu']).default('cpu'))
    .option(
      '--threads <n>',
      `number of threads; 0: one per physical core available to the process${more}`,
      integer(0, 1024),
      0,
    );
}

/**
 * The path given by `--run`, `--checkpoint` or `--model`; without any that of a shipped model; with `--weights best` the run's best weights.
 *
 * @throws CheckpointError where that is missing
 */
export function checkpointPath(flags: CheckpointFlags): string {
  const { run, weights } = flags;
  if (weights === 'best') {
    if (run === undefined) throw new CheckpointError('--weights best is for runs; name one by --run.');
    const path = bestWeightsFile(run);
    if (existsSync(path)) return path;
    throw new CheckpointError(
      `${run}: no best weights (${basename(path)}) in this run folder. They are kept in training with validation images ` +
        '(--validation) or --evaluate-every.',
    );
  }
  return givenPath(flags) ?? shippedModel(flags.model).path;
}

/** Names of the package go before paths: write `./modern` for a folder of that name. */
function givenPath({ model, run, checkpoint }: CheckpointFlags): string | undefined {
  const isPath = model !== undefined && existsSync(model) && !listedModels().some(({ id }) => id === model);
  return run ?? checkpoint ?? (isPath ? model : undefined);
}

/** Default sampling of a shipped model; undefined where the flags name another. */
export function shippedSampling(flags: CheckpointFlags): ModelSampling | undefined {
  return givenPath(flags) === undefined ? shippedModel(flags.model).sampling : undefined;
}

/** What the flags name, in words. */
export function describeCheckpoint(flags: CheckpointFlags): string {
  return givenPath(flags) ?? `the model "${shippedModel(flags.model).id}" in the package`;
}

/** Loads the model that the flags name, changed as asked, uses it, and frees it whatever happens. */
export async function withPipeline(
  flags: CheckpointFlags & DeviceFlags,
  use: (pipeline: DiffusionPipeline) => Promise<void>,
  change?: (model: PipelineModel) => PipelineModel,
): Promise<void> {
  const pipeline = await loadPipeline(flags, change);
  try {
    await use(pipeline);
  } finally {
    await pipeline.dispose();
  }
}

/** Loads the model that the flags name, telling on stderr what the user should know about it. */
export async function loadPipeline(
  flags: CheckpointFlags & DeviceFlags,
  change = (model: PipelineModel): PipelineModel => model,
): Promise<DiffusionPipeline> {
  const { createRuntime, DiffusionPipeline } = await import('ts-diffusion');
  const { loadModel } = await import('ts-diffusion/node');
  const sampling = shippedSampling(flags);
  // A path, even where it is called as a model of the package.
  const {
    model: loaded,
    step,
    averaged,
  } = loadModel(checkpointPath(flags), {
    ema: flags.weights !== 'model',
    onMessage: say,
  });
  if (flags.atStep !== undefined && step !== flags.atStep) {
    throw new CheckpointError(
      `${checkpointPath(flags)}: the weights are of step ${step}, not of step ${flags.atStep}. Resume the training, or give --at-step ${step}.`,
    );
  }
  const model = change(loaded);
  const runtime = await createRuntime({ device: flags.device, threads: flags.threads });
  return new DiffusionPipeline(runtime, sampling === undefined ? model : { ...model, sampling }, { step, averaged });
}
