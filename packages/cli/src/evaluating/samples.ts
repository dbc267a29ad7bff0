import { type DiffusionPipeline, planSampling, type SamplingPlan } from 'ts-diffusion';
import type { SamplingData } from 'ts-diffusion/diffusion';
import type { Generation, Measurements, ReceiptContents, ScoredImages } from 'ts-diffusion/evaluation';
import type { CountFlags } from '../options/image-count.js';
import { describeCheckpoint, type CheckpointFlags } from '../options/pipeline-options.js';
import { describeSampling, samplingOf, type SamplingFlags } from '../options/sampling-options.js';
import { runWithProgress } from '../output/sample-progress.js';
import { trainedHow } from './trained-how.js';
import { print } from '../output/say.js';

/** How many are drawn unless asked otherwise. */
export const DEFAULT_COUNT = 10_000;

/** Images to be scored, and where they come from. */
export interface Samples {
  readonly images: ScoredImages;
  /** Null where no model is known to have drawn them. */
  readonly generation: Generation | null;
  readonly trained?: ReceiptContents['trained'];
  /** What the networks have already said of them. */
  readonly measured?: Measurements | undefined;
}

/** The samples that a model is to draw. */
export interface PlannedSamples {
  readonly plan: SamplingPlan;
  readonly sampling: SamplingData;
  readonly generation: Generation;
  readonly trained: ReceiptContents['trained'];
  /** What they are, for people. */
  readonly source: string;
}

type DrawFlags = CheckpointFlags & SamplingFlags & CountFlags;

/** Plans the samples of a model, and prints which. */
export async function planSamples(pipeline: DiffusionPipeline, flags: DrawFlags): Promise<PlannedSamples> {
  const { generationOf } = await import('ts-diffusion/evaluation');
  const labels = labelsToDraw(pipeline, flags);
  const sampling = samplingOf(flags);
  const plan = planSampling(pipeline, { ...sampling, labels });
  print(`${labels.length} images, ${describeSampling(pipeline, plan.sampling)}`);
  return {
    plan,
    sampling,
    generation: generationOf(pipeline, sampling),
    trained: await trainedHow(flags),
    source: `${labels.length} samples of ${describeCheckpoint(flags)}`,
  };
}

/** Draws the samples of a model. @param flags `save`: a folder that they are also written into */
export async function drawSamples(
  pipeline: DiffusionPipeline,
  flags: DrawFlags & { readonly save?: string },
): Promise<Samples> {
  const { scoredPlanes } = await import('ts-diffusion/evaluation');
  const { save } = flags;
  if (save !== undefined) {
    const { checkFormat } = await import('../output/write-images.js');
    checkFormat('idx', pipeline.model.imageChannels);
  }
  const { plan, generation, trained, source } = await planSamples(pipeline, flags);
  const drawn = await runWithProgress(plan);
  if (save !== undefined) {
    const { writeImages } = await import('../output/write-images.js');
    for (const file of await writeImages(drawn, 'idx', save, { columns: 1, scale: 1 })) print(`Wrote ${file}`);
  }
  return { images: scoredPlanes(drawn.images, drawn, drawn.labels, source), generation, trained };
}

/** The classes that the model has seen, in turn. */
export function labelsToDraw({ seenClasses: seen }: DiffusionPipeline, { count, perClass }: CountFlags): number[] {
  const length = count ?? (perClass === undefined ? DEFAULT_COUNT : perClass * seen.length);
  return Array.from({ length }, (_, i) => seen[i % seen.length] as number);
}
