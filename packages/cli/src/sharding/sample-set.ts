import type { DiffusionPipeline, SamplingPlan } from 'ts-diffusion';
import type { SamplingData } from 'ts-diffusion/diffusion';
import type { Generation, ReceiptContents } from 'ts-diffusion/evaluation';
import { DataError } from 'ts-diffusion/errors';
import { type ReadShard, sha256Hex } from 'ts-diffusion/node';
import { packageVersion } from '../version.js';

/** Everything that decides the images that a plan draws from noise, for the key of their shards. */
export interface SampleSet {
  readonly program: string;
  readonly generation: Generation;
  /** SHA-256 of the network's configuration, and of betas that no schedule's name gives: equal weights may be drawn from in other ways. */
  readonly network: string;
  /** SHA-256 of the labels as little-endian int32. */
  readonly labels: string;
  readonly batchSize: number;
  /** Channels, height and width. */
  readonly image: readonly number[];
}

/** What decides the images of a plan. @param sampling the options that it was planned with */
export async function sampleSetOf(
  pipeline: DiffusionPipeline,
  plan: SamplingPlan,
  sampling: SamplingData,
): Promise<SampleSet> {
  const { generationOf } = await import('ts-diffusion/evaluation');
  const { imageChannels, imageSize } = pipeline.model;
  return {
    program: `ts-diffusion ${packageVersion()}`,
    generation: generationOf(pipeline, sampling),
    network: hashOfNetwork(pipeline),
    labels: hashOfLabels(plan.labels),
    batchSize: plan.sampling.batchSize,
    image: [imageChannels, imageSize, imageSize],
  };
}

function hashOfNetwork({ model, schedule }: DiffusionPipeline): string {
  const entries = Object.entries(model).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256Hex(
    new TextEncoder().encode(JSON.stringify([entries, schedule.name === 'given' ? [...schedule.betas] : []])),
  );
}

/** SHA-256 of labels. */
export function hashOfLabels(labels: Int32Array): string {
  return sha256Hex(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
}

/** How the images of a shard came about. */
export interface DrawnNotes {
  readonly source: string;
  readonly generation: Generation;
  readonly trained?: ReceiptContents['trained'];
}

/** What a shard of a model's samples says of them. @throws DataError for one that does not */
export function drawnNotes({ set, notes, path }: ReadShard): DrawnNotes {
  const { generation } = set;
  const { source, trained } = notes;
  if (typeof source !== 'string' || typeof generation !== 'object' || generation === null) {
    throw new DataError(`${path}: the shard does not say which model drew its images.`);
  }
  return { source, generation: generation as Generation, trained: trained as DrawnNotes['trained'] };
}
