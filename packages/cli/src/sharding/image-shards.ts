import type { DiffusionPipeline, GeneratedImages, SamplingPlan } from 'ts-diffusion';
import type { SamplingData } from 'ts-diffusion/diffusion';
import { ConfigError, DataError } from 'ts-diffusion/errors';
import type { ReceiptContents } from 'ts-diffusion/evaluation';
import { planPart, type ReadShard, type Shard, shardSpan } from 'ts-diffusion/node';
import type { Samples } from '../evaluating/samples.js';
import { drawUntilStopped } from '../output/draw-until-stopped.js';
import { say } from '../output/say.js';
import { STOPPED } from '../stop-signal.js';
import { tensorOfAll } from './tensor-of-all.js';
import { drawnNotes, sampleSetOf } from './sample-set.js';
import { readAllShards } from './read-all-shards.js';
import { writeOnce } from './write-once.js';

/** What a shard is drawn for. */
export interface ImageShard {
  readonly shard: Shard;
  readonly folder: string;
  readonly sampling: SamplingData;
  /** Columns of the grid of all images. */
  readonly columns: number;
  /** What the images are, for people. */
  readonly source: string;
  readonly trained: ReceiptContents['trained'];
  readonly signal: AbortSignal;
}

/**
 * Draws one shard of the images of a plan into a file of its own.
 *
 * @throws ConfigError for more shards than batches, WriteError when the file cannot be written
 */
export async function drawImageShard(
  pipeline: DiffusionPipeline,
  whole: SamplingPlan,
  { shard, folder, sampling, columns, source, trained, signal }: ImageShard,
): Promise<void> {
  const { describeMachine } = await import('ts-diffusion/evaluation');
  checkBatches(whole, shard);
  const { plan, span } = planPart(whole, shardSpan(whole.batches, shard));
  const total = whole.labels.length;
  say(`Shard ${shard.index}/${shard.of}: images ${span.first} to ${span.first + span.count - 1} of ${total}`);
  const set = { ...(await sampleSetOf(pipeline, whole, sampling)), columns };
  const notes = { source, trained, machine: describeMachine(pipeline.runtime) };
  await writeOnce(folder, { kind: 'images', set, ...shard, ...span, total, notes }, async () => {
    const drawn = await drawUntilStopped(plan, { signal, onState: () => undefined });
    if (drawn.count < span.count) {
      process.exitCode = STOPPED;
      say(
        `Stopped: ${drawn.count} of ${span.count} images are finished; a shard is written as a whole, so nothing is.`,
      );
      return undefined;
    }
    const { images, labels, count, channels, height, width } = drawn;
    return new Map([
      ['images', { shape: [count, channels, height, width], data: images }],
      ['labels', { shape: [count], data: labels }],
    ]);
  });
}

/** @throws ConfigError naming the batch size with which so many shards are possible */
function checkBatches({ batches, labels, sampling }: SamplingPlan, { of }: Shard): void {
  if (of <= batches.length) return;
  if (of > labels.length) throw new ConfigError(`${labels.length} images cannot be divided into ${of} shards.`);
  const largest = Math.ceil(labels.length / (of - 1)) - 1;
  throw new ConfigError(
    `${labels.length} images in batches of ${sampling.batchSize} are ${batches.length === 1 ? 'one batch' : `${batches.length} batches`}, ` +
      `too few for ${of} shards, which are whole batches; give --batch-size ${largest} or less, or fewer shards.`,
  );
}

/** All images, of all shards in order, and the columns of their grid. @throws DataError for shards that hold other tensors */
export function joinImages(
  shards: readonly [ReadShard, ...ReadShard[]],
): GeneratedImages & { readonly columns: number } {
  const [{ set, total: count, path }] = shards;
  const images = tensorOfAll(shards, 'images', Uint8Array);
  const labels = tensorOfAll(shards, 'labels', Int32Array);
  const [, channels = 0, height = 0, width = 0] = shards[0].tensors.get('images')?.shape ?? [];
  const { columns } = set;
  if (images.length !== count * channels * height * width || labels.length !== count || typeof columns !== 'number') {
    throw new DataError(`${path}: the shards do not hold ${count} images and their labels.`);
  }
  return { images, labels, count, channels, height, width, columns };
}

/** The images of all shards at a path, with how they came about, to be scored. @throws DataError as `readShards` */
export async function readDrawnShards(path: string): Promise<Samples> {
  const { scoredPlanes } = await import('ts-diffusion/evaluation');
  const shards = await readAllShards([path], 'images');
  const { images, labels, ...size } = joinImages(shards);
  const { source, generation, trained } = drawnNotes(shards[0]);
  return { images: scoredPlanes(images, size, labels, source), generation, ...(trained && { trained }) };
}
