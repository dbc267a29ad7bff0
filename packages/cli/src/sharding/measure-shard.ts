import type { DiffusionPipeline, Runtime, Span } from 'ts-diffusion';
import { planPart, type Shard, shardSpan } from 'ts-diffusion/node';
import type { ImagesAtHand } from 'ts-diffusion/evaluation';
import type { EvaluateFlags } from '../evaluating/evaluate-flags.js';
import { checkModel, prepareScorer, type PreparedScorer } from '../evaluating/prepare-scorer.js';
import { readSamples } from '../evaluating/read-samples.js';
import { planSamples } from '../evaluating/samples.js';
import { showProgress } from '../evaluating/score-samples.js';
import { withPipeline } from '../options/pipeline-options.js';
import { SHARDS_FOLDER } from '../options/shard-option.js';
import { ProgressBar } from '../output/progress.js';
import { runWithProgress } from '../output/sample-progress.js';
import { say } from '../output/say.js';
import { packageVersion } from '../version.js';
import { hashOfLabels, sampleSetOf } from './sample-set.js';
import { encodeMeasured, keptFlags, scoringOf } from './statistics-shards.js';
import { writeOnce } from './write-once.js';

type MeasureFlags = EvaluateFlags & Required<Pick<EvaluateFlags, 'statistics'>>;

/** A set of which a shard is measured. */
interface MeasuredSet {
  readonly runtime: Runtime;
  readonly prepared: PreparedScorer;
  readonly total: number;
  /** What decides the samples. */
  readonly samples: object;
  readonly notes: Readonly<Record<string, unknown>>;
  /** Draws or reads these images, and perhaps some around them. */
  readonly images: (needed: Span) => Promise<ImagesAtHand>;
}

/**
 * Draws or reads one shard of the samples, and writes what scores are computed from: images, features, class probabilities, and the
 * moments of the features of which no score needs more.
 *
 * @throws as `diffusion evaluate`; ConfigError for more shards than batches
 */
export async function measureShard(flags: MeasureFlags): Promise<void> {
  const { checkOutputFolder } = await import('ts-diffusion/node');
  const { statistics, shard = { index: 1, of: 1 } } = flags;
  const folder = statistics === true ? SHARDS_FOLDER : statistics;
  checkOutputFolder(folder, { what: 'shards' });
  if (flags.images !== undefined) {
    await measure(await givenSet(flags.images, flags), shard, folder, flags);
    return;
  }
  await withPipeline(flags, async (pipeline) => {
    await measure(await drawnSet(pipeline, flags), shard, folder, flags);
  });
}

async function givenSet(path: string, flags: MeasureFlags): Promise<MeasuredSet> {
  const { createNodeRuntime } = await import('ts-diffusion/node');
  const { device, threads } = flags;
  const { images, generation, trained } = await readSamples(path);
  const runtime = await createNodeRuntime({ device, threads });
  const prepared = await prepareScorer(flags, runtime, generation ?? undefined);
  const { sha256, labels, count: total, source } = images;
  prepared.scorer.checkSettings(total, { ...flags, judges: prepared.judgesOf(total) });
  return {
    ...{ runtime, prepared, total },
    samples: { program: program(), generation, images: sha256, labels: labels && hashOfLabels(labels) },
    notes: { source, trained },
    images: () => Promise.resolve({ images, first: 0, total }),
  };
}

async function drawnSet(pipeline: DiffusionPipeline, flags: MeasureFlags): Promise<MeasuredSet> {
  const { scoredPlanes } = await import('ts-diffusion/evaluation');
  const { runtime } = pipeline;
  const prepared = await prepareScorer(flags, runtime, pipeline);
  checkModel(prepared, pipeline, flags);
  const { plan, sampling, trained, source } = await planSamples(pipeline, flags);
  const total = plan.labels.length;
  return {
    ...{ runtime, prepared, total },
    samples: await sampleSetOf(pipeline, plan, sampling),
    notes: { source, trained },
    images: async (needed) => {
      const { plan: part, span } = planPart(plan, needed);
      const drawn = await runWithProgress(part);
      return { images: scoredPlanes(drawn.images, drawn, drawn.labels, source), first: span.first, total };
    },
  };
}

async function measure(
  { runtime, prepared, total, samples, notes, images }: MeasuredSet,
  shard: Shard,
  folder: string,
  flags: MeasureFlags,
): Promise<void> {
  const { describeMachine, imagesToMeasure, measureImages, scoringBatches } = await import('ts-diffusion/evaluation');
  const span = shardSpan(scoringBatches(total), shard);
  say(`Shard ${shard.index}/${shard.of}: images ${span.first} to ${span.first + span.count - 1} of ${total}`);
  const { networks, inception } = prepared;
  const set = { ...samples, scoring: scoringOf(prepared, flags) };
  const told = { ...notes, machine: describeMachine(runtime), flags: keptFlags(flags) };
  await writeOnce(folder, { kind: 'statistics', set, ...shard, ...span, total, notes: told }, async () => {
    const atHand = await images(imagesToMeasure(span, { total, fid: inception !== undefined }));
    const progress = new ProgressBar();
    const { thorough } = flags;
    const onProgress = showProgress(progress);
    const measured = await measureImages(atHand, span, networks, { thorough, inception, onProgress }).finally(() => {
      progress.stop();
    });
    return encodeMeasured(atHand, span, measured);
  });
}

const program = (): string => `ts-diffusion ${packageVersion()}`;
