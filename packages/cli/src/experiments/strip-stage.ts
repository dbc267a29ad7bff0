import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DiffusionPipeline, pipelineModel, planSampling, runPlan, type Runtime } from 'ts-diffusion';
import { evenlySpacedTimesteps } from 'ts-diffusion/diffusion';
import { encodePng, enlarge, FilmStrip, imageGrid } from 'ts-diffusion/images';
import { loadCheckpoint, writeFileAtomic } from 'ts-diffusion/node';
import type { Budget } from './budget.js';
import type { Cell } from './plan.js';
import { samplingOptions } from './sample-stage.js';
import type { StudyFolder } from './study-folder.js';

const IMAGES = 5;
const COLUMNS = 11;
const SCALE = 2;

/** Where the picture of the reverse process is kept. */
export function stripPath(folder: StudyFolder): string {
  return join(folder.path, 'details', 'reverse-process.png');
}

/** Figure 2: some images on their way from noise, drawn as the samples of a cell are. Does nothing where it is there already. */
export async function drawStrip(
  folder: StudyFolder,
  { samples }: Cell,
  budget: Budget,
  { runtime, signal }: { readonly runtime: Runtime; readonly signal: AbortSignal },
): Promise<void> {
  if (existsSync(stripPath(folder))) return;
  const pipeline = new DiffusionPipeline(runtime, pipelineModel(loadCheckpoint(folder.run(samples.training))));
  const labels = Array.from({ length: IMAGES }, (_, i) => (2 * i) % pipeline.model.classes);
  const plan = planSampling(pipeline, { ...samplingOptions(samples, budget), labels });
  const visited = [...plan.sampling.timesteps, 0];
  const columns = evenlySpacedTimesteps(visited.length - 1, Math.min(COLUMNS, visited.length), 0);
  const { imageSize } = pipeline.model;
  const strip = new FilmStrip(
    IMAGES,
    imageSize ** 2,
    columns.map((place) => visited.at(-1 - place) ?? 0),
  );
  try {
    await runPlan(plan, {
      signal,
      onState: (state) => {
        strip.add(state);
      },
    });
  } finally {
    await pipeline.dispose();
  }
  const size = { height: imageSize, width: imageSize };
  const { data, width, height } = enlarge(imageGrid(strip.frames, size, strip.timesteps.length), SCALE);
  writeFileAtomic(stripPath(folder), encodePng(data, width, height));
}
