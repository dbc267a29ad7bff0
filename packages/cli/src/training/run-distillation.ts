import { existsSync } from 'node:fs';
import { DiffusionPipeline, planSampling, type PipelineModel, type Runtime } from 'ts-diffusion';
import { createNodeRuntime, type DistillFolder, loadModel, shippedModels } from 'ts-diffusion/node';
import { distill, type DistillCheckpoint, type DistillConfig } from 'ts-diffusion/train';
import { ProgressBar } from '../output/progress.js';
import { runWithProgress } from '../output/sample-progress.js';
import { say } from '../output/say.js';
import { smooth } from '../output/smooth.js';
import { writeGrid } from '../output/write-images.js';

/** Screen pixels per pixel in the pictures of samples. */
const GRID_SCALE = 3;

/** A distillation that this process may run, until its folder is closed. */
export interface OpenDistillation {
  readonly folder: DistillFolder;
  readonly config: DistillConfig;
  /** Where it goes on; undefined: at the beginning. */
  readonly resume: DistillCheckpoint | undefined;
}

/** What a distillation left behind in this process. */
export interface DistillationResult {
  readonly step: number;
  readonly reason: 'finished' | 'interrupted';
}

/**
 * Distills, showing the progress on the terminal.
 *
 * @throws CheckpointError where there is no teacher, and as `distill`
 */
export async function runDistillation(
  { folder, config, resume }: OpenDistillation,
  signal: AbortSignal,
): Promise<DistillationResult> {
  const teacher = loadTeacher(config);
  const runtime = await createNodeRuntime(config);
  say(`teacher        ${config.model}`);
  say(`student        draws in ${config.steps.join(', ')} evaluations, omega 0 to ${config.largestGuidanceWeight}`);
  say(`device         ${runtime.device}, ${runtime.threads} threads, ${runtime.version}`);
  say(`run folder     ${folder.path}`);
  let result: DistillationResult = { step: resume?.step ?? 0, reason: 'interrupted' };
  const progress = new ProgressBar(process.stderr, undefined, 'distilling');
  const shown: Partial<Record<'loss' | 'fakeLoss' | 'milliseconds', number>> = {};
  try {
    for await (const event of distill({ config, teacher, runtime, store: folder, resume, signal })) {
      switch (event.type) {
        case 'started':
          // Only now: a change to a resumed run that was refused must not stay behind.
          folder.saveConfig(config);
          say(`${event.parameters.toLocaleString('en')} parameters`);
          say(event.step === 0 ? `Distilling: ${config.updates} updates.` : `Resuming after update ${event.step}.`);
          break;
        case 'teacher':
          progress.update(event.images, config.regressionImages, 'images of the teacher');
          break;
        case 'step': {
          shown.loss = smooth(event.step === config.regressionUpdates + 1 ? undefined : shown.loss, event.loss);
          shown.milliseconds = smooth(shown.milliseconds, event.milliseconds);
          if (event.fakeLoss !== undefined) shown.fakeLoss = smooth(shown.fakeLoss, event.fakeLoss);
          progress.update(event.step, config.updates, describeStep(shown, event.fakeLoss !== undefined, config));
          break;
        }
        case 'checkpoint':
          break;
        case 'samples-due': {
          const path = folder.samplePath(event.step);
          if (await drawSteps(path, runtime, event.student, config, signal)) {
            progress.log(`samples of update ${event.step}: ${path}`);
          }
          break;
        }
        case 'stopped':
          result = event;
          break;
      }
    }
  } finally {
    progress.stop();
  }
  return result;
}

function describeStep(
  { loss = 0, fakeLoss = 0, milliseconds = 0 }: Partial<Record<'loss' | 'fakeLoss' | 'milliseconds', number>>,
  isMatching: boolean,
  { batchSize }: DistillConfig,
): string {
  const losses = isMatching
    ? `matching ${loss.toFixed(4)}  own images ${fakeLoss.toFixed(4)}`
    : `regression ${loss.toFixed(4)}`;
  return `${losses}  ${milliseconds.toFixed(0)} ms/update  ${((1000 * batchSize) / milliseconds).toFixed(0)} images/s`;
}

/** @throws CheckpointError where there is no such model */
function loadTeacher({ model: wish }: DistillConfig): PipelineModel {
  const shipped = existsSync(wish) ? undefined : shippedModels().find(({ id }) => id === wish);
  const { model } = loadModel(shipped?.path ?? wish, { onMessage: say });
  return shipped === undefined ? model : { ...model, sampling: shipped.sampling };
}

/**
 * Draws the same images in each number of steps that the student learns, a row for each sample of all classes, into a PNG.
 *
 * @returns false when the signal was aborted meanwhile, and nothing was written
 */
async function drawSteps(
  path: string,
  runtime: Runtime,
  student: PipelineModel,
  { steps, samplesPerClass, seed }: DistillConfig,
  signal: AbortSignal,
): Promise<boolean> {
  const pipeline = new DiffusionPipeline(runtime, student);
  const { seenClasses } = pipeline;
  const labels = Array.from({ length: samplesPerClass }, () => seenClasses).flat();
  try {
    const drawn = [];
    for (const samplingSteps of steps) {
      drawn.push(await runWithProgress(planSampling(pipeline, { labels, seed, samplingSteps }), { signal }));
    }
    const images = Buffer.concat(drawn.map((each) => each.images));
    await writeGrid(path, images, drawn[0] as (typeof drawn)[number], seenClasses.length, GRID_SCALE);
    return true;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return false;
    throw error;
  } finally {
    await pipeline.dispose();
  }
}
