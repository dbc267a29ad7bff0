import type { Span } from 'ts-diffusion';
import { DataError } from 'ts-diffusion/errors';
import { FeatureStatistics, mergeMeasurements, scoredImages } from 'ts-diffusion/evaluation';
import type { Generation, ImagesAtHand, Measurements } from 'ts-diffusion/evaluation';
import type { ReadShard, TypedTensor } from 'ts-diffusion/node';
import { z } from 'zod';
import type { RealImageFlags, ScoreFlags } from '../evaluating/evaluate-flags.js';
import type { PreparedScorer } from '../evaluating/prepare-scorer.js';
import type { Samples } from '../evaluating/samples.js';
import { givenConfig } from '../options/config-options.js';
import { dataSchema } from '../options/data-options.js';
import type { NetworkFlags } from '../options/evaluation-options.js';
import { tensorOfAll } from './tensor-of-all.js';
import type { AllShards } from './read-all-shards.js';

const MOMENTS = 'moments/';

const scoringSchema = z.strictObject({
  /** SHA-256 of the real images and of the networks. */
  against: z.strictObject({
    reference: z.string(),
    training: z.string().nullable(),
    evaluator: z.string(),
    features: z.string(),
    secondFeatures: z.string(),
    inception: z.string().nullable(),
  }),
  options: z.strictObject({
    splits: z.number().exactOptional(),
    neighbours: z.number(),
    bootstrap: z.number(),
    nearCopies: z.number(),
    judges: z.number().exactOptional(),
    thorough: z.boolean(),
    seed: z.number(),
  }),
});

/** What decides the scores of given samples. */
export type Scoring = z.infer<typeof scoringSchema>;

const notesSchema = z.looseObject({
  source: z.string(),
  flags: z.record(z.string(), z.unknown()),
  trained: z.unknown().optional(),
  seconds: z.number().optional(),
});

/** What decides the scores, given these flags. */
export function scoringOf(prepared: PreparedScorer, flags: ScoreFlags): Scoring {
  const { splits, neighbours, bootstrap, nearCopies, judges, thorough, seed = 0 } = flags;
  return {
    against: againstOf(prepared),
    options: {
      ...(splits !== undefined && { splits }),
      ...(judges !== undefined && { judges }),
      ...{ neighbours, bootstrap, nearCopies, thorough, seed },
    },
  };
}

/** The SHA-256 of real images and networks. */
export function againstOf({ real, networks, inception }: PreparedScorer): Scoring['against'] {
  return {
    reference: real.reference.sha256,
    training: real.training?.sha256 ?? null,
    evaluator: networks.evaluator.sha256,
    features: networks.features.sha256,
    secondFeatures: networks.secondFeatures.sha256,
    inception: inception?.weights.sha256 ?? null,
  };
}

/** The options by which `diffusion merge` finds real images and networks again. */
export function keptFlags(flags: RealImageFlags & NetworkFlags): Readonly<Record<string, unknown>> {
  const { run, reference, training, evaluator, featureNetwork, secondFeatureNetwork, fid, inceptionWeights } = flags;
  return {
    ...{ run, reference, training, evaluator, featureNetwork, secondFeatureNetwork, fid, inceptionWeights },
    ...givenConfig(dataSchema, { ...flags }),
  };
}

/** The tensors of a shard. @param span which of the images at hand it is of, by their numbers in the set */
export function encodeMeasured(
  { images, first }: ImagesAtHand,
  span: Span,
  { features, probabilities, evaluated, moments }: Measurements,
): ReadonlyMap<string, TypedTensor> {
  const { height, width, labels, colours } = images;
  const { count } = span;
  const from = span.first - first;
  const rows = <Values extends Uint8Array | Int32Array>(values: Values, length: number): Values =>
    values.subarray(from * length, (from + count) * length) as Values;
  const table = (data: Float32Array): TypedTensor => ({ shape: [count, data.length / count], data });
  const pixels = height * width;
  return new Map<string, TypedTensor>([
    ['images', { shape: [count, height, width], data: rows(images.images, pixels) }],
    ...optional('colours', colours && { shape: [count, height, width, 3], data: rows(colours, 3 * pixels) }),
    ...optional('labels', labels && { shape: [count], data: rows(labels, 1) }),
    ['features', table(features)],
    ['probabilities', table(probabilities)],
    ...optional('evaluated', evaluated && table(evaluated)),
    ...Array.from(moments, ([kind, statistics]): [string, TypedTensor] => {
      const data = statistics.toBytes();
      return [`${MOMENTS}${kind}`, { shape: [data.length], data }];
    }),
  ]);
}

function optional(name: string, tensor: TypedTensor | null | undefined): [string, TypedTensor][] {
  return tensor ? [[name, tensor]] : [];
}

/** What all shards of a set say together. */
export interface JoinedStatistics {
  readonly samples: Samples & { readonly measured: Measurements };
  readonly scoring: Scoring;
  readonly flags: Readonly<Record<string, unknown>>;
  /** How long the shards took to compute, all together. */
  readonly seconds: number;
}

/** All samples and their measurements, of all shards in order. @throws DataError for shards that hold something else */
export function joinStatistics(shards: AllShards): JoinedStatistics {
  const [first] = shards;
  const { scoring } = parse(z.looseObject({ scoring: scoringSchema }), first.set, first.path);
  const { source, flags, trained } = parse(notesSchema, first.notes, first.path);
  const { tensors, total, path } = first;
  const [, height = 0, width = 0] = tensors.get('images')?.shape ?? [];
  const images = tensorOfAll(shards, 'images', Uint8Array);
  if (images.length !== total * height * width) {
    throw new DataError(`${path}: the shards do not hold ${total} images of ${width}x${height} pixels.`);
  }
  const labels = tensors.has('labels') ? tensorOfAll(shards, 'labels', Int32Array) : null;
  const colours = tensors.has('colours') ? tensorOfAll(shards, 'colours', Uint8Array) : undefined;
  const generation = (first.set['generation'] ?? null) as Generation | null;
  return {
    samples: {
      images: scoredImages(images, { height, width }, labels, source, colours),
      generation,
      ...(trained !== undefined && { trained: trained as Samples['trained'] }),
      measured: mergeMeasurements(shards.map((shard) => measurementsOf(shard, scoring.against))),
    },
    scoring,
    flags,
    seconds: shards.reduce((sum, { notes, path: each }) => sum + (parse(notesSchema, notes, each).seconds ?? 0), 0),
  };
}

function measurementsOf(shard: ReadShard, { evaluator, features, secondFeatures }: Scoring['against']): Measurements {
  const { tensors, path } = shard;
  const floats = (name: string): Float32Array => tensorOfAll([shard], name, Float32Array);
  const moments = [...tensors].flatMap(([name, { data }]): [string, FeatureStatistics][] =>
    name.startsWith(MOMENTS) && data instanceof Uint8Array
      ? [[name.slice(MOMENTS.length), FeatureStatistics.fromBytes(data, path)]]
      : [],
  );
  return {
    networks: { evaluator, features, secondFeatures },
    features: floats('features'),
    probabilities: floats('probabilities'),
    evaluated: tensors.has('evaluated') ? floats('evaluated') : null,
    moments: new Map(moments),
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, path: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DataError(`${path}: not a shard of statistics (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}).`);
}
