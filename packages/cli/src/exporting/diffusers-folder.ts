import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRuntime, DiffusionPipeline, planSampling, type LoadedModel, type PipelineModel } from 'ts-diffusion';
import { ConfigError, UserError } from 'ts-diffusion/errors';
import { type Receipt, weightsHash } from 'ts-diffusion/evaluation';
import { checkOutputFolder, exportDiffusers, loadCheckpoint, readReceipt, writeFileAtomic } from 'ts-diffusion/node';
import type { DeviceFlags } from '../options/pipeline-options.js';
import { describeSampling } from '../options/sampling-options.js';
import { runWithProgress } from '../output/sample-progress.js';
import { say } from '../output/say.js';
import { writeGrid } from '../output/write-images.js';
import { hasClasses } from './diffusers-python.js';
import { modelCard, type ModelCard, type TrainingFacts } from './model-card.js';
import { withoutPaths } from './without-paths.js';

const CARD = 'README.md';
const PICTURE = 'samples.png';
/** Of the picture, unless a number is asked for: about as many as these. */
const IMAGES = 16;
const COLUMNS = 4;
const MOST_COLUMNS = 10;
/** A sampler that takes more would let people wait for hours for the picture of a large network. */
const MOST_STEPS = 50;
/** Pixels of the screen that an image of the picture should have. */
const SHOWN_SIZE = 64;

/** What `diffusion export --format diffusers` is told. */
export interface DiffusersFolderOptions extends DeviceFlags {
  readonly half: boolean;
  readonly license?: string | undefined;
  /** Images in the picture of the card; 0: no picture. */
  readonly images?: number | undefined;
}

/**
 * Writes a model as a folder of diffusers with its model card and a picture of what it draws.
 *
 * @param path of the run, checkpoint or model that it was loaded from
 * @returns the files that were written
 * @throws ConfigError for a network that diffusers' `UNet2DModel` cannot hold
 */
export async function writeDiffusersFolder(
  out: string,
  loaded: LoadedModel,
  path: string,
  options: DiffusersFolderOptions,
): Promise<string[]> {
  const { model } = loaded;
  const { files, sampling } = exportDiffusers(model, { half: options.half });
  checkOutputFolder(out, { what: 'the files of diffusers', files: [...files.keys(), CARD, PICTURE] });
  const written = [...files].map(([name, bytes]) => {
    const file = join(out, name);
    writeFileAtomic(file, bytes);
    return file;
  });
  const picture = options.images === 0 ? undefined : await drawPicture(join(out, PICTURE), loaded, options);
  const card = modelCard({
    model,
    sampling,
    license: options.license,
    training: trainingFacts(path, loaded.averaged !== false),
    scores: newestScores(path, model),
    picture,
  });
  writeFileAtomic(join(out, CARD), card);
  return [...written, ...(picture ? [join(out, PICTURE)] : []), join(out, CARD)];
}

async function drawPicture(
  file: string,
  { model, step, averaged }: LoadedModel,
  { device, threads, images }: DiffusersFolderOptions,
): Promise<ModelCard['picture']> {
  const runtime = await createRuntime({ device, threads });
  const pipeline = new DiffusionPipeline(runtime, model, { step, averaged });
  try {
    const { seenClasses } = pipeline;
    const isOfClasses = hasClasses(model) && seenClasses.length > 1;
    const columns = isOfClasses ? Math.min(seenClasses.length, MOST_COLUMNS) : COLUMNS;
    const count = images ?? columns * Math.max(1, Math.floor(IMAGES / columns));
    const labels = Array.from({ length: count }, (_, i) => seenClasses[(i % columns) % seenClasses.length] as number);
    const own = planSampling(pipeline, { labels });
    const { clipX0, guidanceWeight } = own.sampling;
    const isShort = own.sampling.timesteps.length <= MOST_STEPS;
    const short = { sampler: 'ddim', samplingSteps: MOST_STEPS, spacing: 'trailing', clipX0, guidanceWeight } as const;
    const plan = isShort ? own : planSampling(pipeline, { labels, ...short });
    const drawn = await runWithProgress(plan);
    await writeGrid(file, drawn.images, drawn, columns, Math.max(1, Math.round(SHOWN_SIZE / model.model.imageSize)));
    return {
      file: PICTURE,
      about: `The first ${count} images of seed 0: ${describeSampling(pipeline, plan.sampling)}.`,
    };
  } finally {
    await pipeline.dispose();
  }
}

/** Undefined where the model is none of a run. */
function trainingFacts(path: string, averaged: boolean): TrainingFacts | undefined {
  try {
    const { config, step, data } = loadCheckpoint(path);
    return { config, step, averaged, data: withoutPaths(data.source, config.data) };
  } catch (error) {
    // What is wrong with a checkpoint, the loading of the model has told.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The newest receipt beside a model of images that these weights drew, or if there is none, other weights of the run. */
function newestScores(path: string, model: PipelineModel): ModelCard['scores'] {
  const folder = join(statSync(path).isDirectory() ? path : dirname(path), 'receipts');
  if (!existsSync(folder)) return undefined;
  const receipts = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => readUsable(join(folder, name)))
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const weights = weightsHash(model);
  const ofWeights = receipts.find(({ generation }) => generation?.weights === weights);
  const [newest] = receipts;
  const receipt = ofWeights ?? newest;
  return receipt && { receipt, areOfWeights: receipt === ofWeights };
}

/** None where the images that were scored are not a model's; a file that is no receipt is told of. */
function readUsable(path: string): Receipt[] {
  try {
    const receipt = readReceipt(path);
    return receipt.generation === null ? [] : [receipt];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`warning: the card goes without these scores: ${error.message}`);
    return [];
  }
}

/** @throws ConfigError for what the Hub cannot take as the identifier of a licence */
export function checkLicense(license: string): void {
  if (/^[a-z0-9][a-z0-9.+-]*$/.test(license)) return;
  throw new ConfigError(
    `--license is ${JSON.stringify(license)}; expected an identifier of the Hub in lower case, such as mit, apache-2.0 or cc-by-4.0.`,
  );
}
