import { existsSync } from 'node:fs';
import { configuredModel, DiffusionPipeline, type PipelineModel, planSampling, type Runtime } from 'ts-diffusion';
import { closeImages, EMBEDDED, MNIST_SHA256, type TrainingImages } from 'ts-diffusion/data';
import type { SamplingOptions } from 'ts-diffusion/diffusion';
import { CheckpointError } from 'ts-diffusion/errors';
import { createNodeRuntime, loadModel, shippedModels } from 'ts-diffusion/node';
import {
  type DenoiserConfig,
  divideImages,
  type InitialWeights,
  learntClasses,
  type StopReason,
  train,
  trainReplicas,
  type TrainConfig,
} from 'ts-diffusion/train';
import { describeWatched, describeWatching } from './describe-watched.js';
import { drawMissingGrids } from './missing-grids.js';
import type { OpenRun } from './open-run.js';
import type { OpenRounds } from './replicas/open-rounds.js';
import { ProgressBar } from '../output/progress.js';
import { runWithProgress } from '../output/sample-progress.js';
import { say } from '../output/say.js';
import { smooth } from '../output/smooth.js';
import { describeConfig } from './describe-config.js';
import { describeData } from './describe-data.js';
import { openOwnValidation, openTrainingImages } from './training-images.js';
import { describePlan } from './training-plan.js';
import { writeGrid } from '../output/write-images.js';

/** Screen pixels per pixel in the sample grids. */
const GRID_SCALE = 3;

/** What a training run left behind in this process. */
export interface TrainingResult {
  readonly step: number;
  /** Steps that were to be trained. */
  readonly steps: number;
  readonly reason: StopReason;
}

/**
 * Trains, showing the progress on the terminal.
 *
 * @param prelude done once the data are there, before the first step; the configuration to train, or nothing is trained
 */
export async function runTraining(
  run: OpenRun,
  signal: AbortSignal,
  prelude: () => Promise<TrainConfig | undefined> = () => Promise.resolve(run.config),
): Promise<TrainingResult> {
  const { config, resume } = run;
  const result: TrainingResult = { step: resume?.step ?? 0, steps: config.steps, reason: 'interrupted' };
  const initial = resume === undefined ? loadInitialWeights(config) : undefined;
  const dataset = run.images ?? (await openTrainingImages(config, signal));
  if (dataset === undefined) return result;
  let validation: TrainingImages | undefined;
  try {
    validation = await openOwnValidation(config, dataset, signal);
    const planned = await prelude();
    if (planned === undefined) return result;
    return await trainOn({ ...run, config: planned }, dataset, validation, initial, signal);
  } finally {
    closeImages(dataset);
    if (validation) closeImages(validation);
  }
}

/** Trains on images that are open. */
async function trainOn(
  run: OpenRun,
  dataset: TrainingImages,
  validation: TrainingImages | undefined,
  initial: ReturnType<typeof loadInitialWeights>,
  signal: AbortSignal,
): Promise<TrainingResult> {
  const { folder, config, resume } = run;
  let result: TrainingResult = { step: resume?.step ?? 0, steps: config.steps, reason: 'finished' };
  const runtime = await createNodeRuntime(config);
  const divided = divideImages(dataset, config, validation);
  for (const line of describeConfig(config)) say(line);
  for (const line of describeData(dataset)) say(line);
  for (const line of describeWatching(config, divided)) say(line);
  if (run.isDefault === true && isOther(dataset, config)) {
    say(
      "advice         these settings are the paper's, for digits; --preset images chooses a network for these images",
    );
  }
  say(`device         ${runtime.device}, ${runtime.threads} threads, ${runtime.version}`);
  say(`run folder     ${folder.path}`);
  if (initial) say(`starts from    ${initial.description}`);

  const progress = new ProgressBar(process.stderr, undefined, 'training');
  let shownLoss: number | undefined;
  let shownMs: number | undefined;
  let shownDetail = '';
  let averagedStep = resume?.step ?? 0;
  let shownValidation = '';
  let rounds: OpenRounds | undefined;
  let curveProgress: ProgressBar | undefined;
  /** @returns false when the signal was aborted meanwhile, and nothing was written */
  const drawGrid = async (step: number, model: DenoiserConfig, ema: Float32Array): Promise<boolean> => {
    folder.verifyLock();
    const path = folder.samplePath(step);
    const network = { model, ...learntClasses(model, dataset) };
    const drawn = await drawSamples(path, runtime, config, network, ema, config.samplesPerClass, signal);
    if (drawn) {
      folder.recordSamples(step);
      progress.log(`samples of step ${step}: ${path}`);
    }
    return drawn;
  };
  try {
    const evaluate =
      config.evaluateEvery > 0
        ? await (await import('./small-evaluation.js')).createEvaluation(config, dataset, divided, runtime, signal)
        : undefined;
    const training = { config, dataset, runtime, store: folder, resume, validation, evaluate, signal };
    const given = { ...training, initialWeights: initial?.model };
    const onProgress = (steps: number): void => {
      progress.update(steps, config.steps * (config.replicas ?? 1), shownDetail);
    };
    const onMessage = (text: string): void => {
      progress.log(text);
    };
    if (config.replicas !== undefined) {
      const { openRounds } = await import('./replicas/open-rounds.js');
      rounds = await openRounds(run, onProgress, onMessage);
    }
    const events = rounds === undefined ? train(given) : trainReplicas({ ...given, runRound: rounds.runRound });
    for await (const event of events) {
      switch (event.type) {
        case 'started':
          // Only now: a change to a resumed run that was refused must not stay behind.
          folder.saveConfig(config);
          say(`model          ${config.model}, ${event.parameters.toLocaleString('en')} parameters`);
          for (const line of describePlan(config, resume, event)) say(line);
          say(event.step === 0 ? `Training ${config.steps} steps.` : `Resuming after step ${event.step}.`);
          if (resume !== undefined) await drawMissingGrids(run, resume, drawGrid);
          break;
        case 'step': {
          shownLoss = smooth(shownLoss, event.loss);
          shownMs = smooth(shownMs, event.milliseconds);
          const imagesPerSecond = (1000 * config.batchSize) / shownMs;
          shownDetail = `loss ${shownLoss.toFixed(4)}  ${shownMs.toFixed(0)} ms/step  ${imagesPerSecond.toFixed(0)} images/s${shownValidation}`;
          onProgress(event.step);
          break;
        }
        case 'averaged': {
          const { replicas = 1, batchSize } = config;
          const imagesPerSecond = (1000 * batchSize * replicas * (event.step - averagedStep)) / event.milliseconds;
          averagedStep = event.step;
          shownDetail = `loss ${event.loss.toFixed(4)}  ${imagesPerSecond.toFixed(0)} images/s${shownValidation}`;
          onProgress(event.step * replicas);
          break;
        }
        case 'checkpoint':
          break;
        case 'watched':
          if (event.validationLoss !== undefined) shownValidation = `  validation ${event.validationLoss.toFixed(4)}`;
          progress.log(describeWatched(event));
          break;
        case 'tone-curve':
          curveProgress ??= startCurve(progress, event.total);
          curveProgress.update(event.done, event.total, 'images for the tone curve');
          break;
        case 'samples-due':
          await drawGrid(event.step, event.model, event.ema);
          break;
        case 'stopped':
          result = { step: event.step, steps: config.steps, reason: event.reason };
          break;
      }
    }
  } finally {
    progress.stop();
    curveProgress?.stop();
    await rounds?.close();
  }
  return result;
}

/** Another bar than that of the steps, whose parent does not take images for steps. */
function startCurve(training: ProgressBar, images: number): ProgressBar {
  training.stop();
  say(`All steps taken. Drawing ${images} images for the tone curve (docs/sampling.md#grey-levels).`);
  return new ProgressBar(process.stderr, undefined, 'tone curve');
}

/** Whether somebody named these images, and they are not MNIST's digits. */
function isOther({ sha256 }: TrainingImages, { data = process.env['DIFFUSION_DATA_DIR'] ?? '' }: TrainConfig): boolean {
  return data !== '' && data !== EMBEDDED && sha256 !== MNIST_SHA256;
}

/** @throws CheckpointError, DataError when there is no model where the configuration says */
function loadInitialWeights(
  config: TrainConfig,
): { readonly model: InitialWeights; readonly description: string } | undefined {
  const { initialWeights: wish } = config;
  if (wish === undefined) return undefined;
  const path = (existsSync(wish) ? undefined : shippedModels().find(({ id }) => id === wish)?.path) ?? wish;
  try {
    const { model, step } = loadModel(path, { onMessage: say });
    const { name, timesteps } = model.schedule;
    const noise =
      name === config.schedule && timesteps === config.timesteps
        ? ''
        : `, trained with the ${name} schedule, T = ${timesteps}`;
    return { model, description: `the weights of ${wish}${step === null ? '' : `, step ${step}`}${noise}` };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(`"initialWeights" is ${JSON.stringify(wish)}: ${error.message}`, { cause: error });
  }
}

/**
 * Samples `perClass` images of each class from weights in training as the configuration says, one row per class, into a PNG.
 *
 * @returns false when the signal was aborted meanwhile, and nothing was written
 */
async function drawSamples(
  path: string,
  runtime: Runtime,
  config: TrainConfig,
  { model, ...classes }: Pick<PipelineModel, 'model' | 'seenClasses' | 'classNames'>,
  parameters: Float32Array,
  perClass: number,
  signal: AbortSignal,
): Promise<boolean> {
  const pipeline = new DiffusionPipeline(runtime, { ...configuredModel(config, model, parameters), ...classes });
  return await drawRows(path, pipeline, { seed: config.seed }, perClass, signal);
}

/**
 * Samples `perClass` images of each class, one row per class, into a PNG, and disposes of the pipeline.
 *
 * @returns false when the signal was aborted meanwhile, and nothing was written
 */
export async function drawRows(
  path: string,
  pipeline: DiffusionPipeline,
  options: SamplingOptions,
  perClass: number,
  signal: AbortSignal,
): Promise<boolean> {
  const labels = pipeline.seenClasses.flatMap((label) => Array<number>(perClass).fill(label));
  try {
    const images = await runWithProgress(planSampling(pipeline, { ...options, labels }), { signal });
    await writeGrid(path, images.images, images, perClass, GRID_SCALE);
    return true;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return false;
    throw error;
  } finally {
    await pipeline.dispose();
  }
}
