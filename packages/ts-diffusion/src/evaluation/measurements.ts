import { classifierBatches } from '../classifier/classifier.js';
import type { Span } from '../pipeline/batches.js';
import {
  callback,
  count as wholeCount,
  flag,
  like,
  listOf,
  options,
  positiveCount,
  signature,
} from '../utils/arguments.js';
import { classifier, measurements as measurementsShape, scoredImages } from '../utils/evaluation-shapes.js';
import { EvaluationError } from '../utils/errors.js';
import { ClassifiedSet, type EvaluationNetworks } from './classified-set.js';
import { networkKinds } from './feature-kinds/network-kinds.js';
import { FeatureStatistics } from './feature-statistics.js';
import { DEFAULT_BATCH_SIZE as INCEPTION_BATCH, type InceptionFeatures } from './inception/features.js';
import type { Measurements } from './measured.js';
import type { ProgressHook } from './progress.js';
import { selectImages, type ScoredImages } from './scored-images.js';
import { inceptionKind, inceptionStatistics } from './scores/fid.js';

/** Images of a set that are at hand: the set has `total`, and these begin with number `first`. */
export interface ImagesAtHand {
  readonly images: ScoredImages;
  readonly first: number;
  readonly total: number;
}

/** What is measured. */
export interface MeasureOptions {
  /** Also what `EvaluationOptions.thorough` needs. */
  readonly thorough: boolean;
  /** For the FID. */
  readonly inception?: InceptionFeatures | undefined;
  /** Told what is computed, and the share of it that is done. */
  readonly onProgress?: ((what: string, share: number) => void) | undefined;
}

const scoringBatchesArguments = signature('scoringBatches', { total: positiveCount });

/** The batches in which networks are shown a set of images: what is measured of a part of them is to the bit what is measured of all. */
export function scoringBatches(total: number): Span[] {
  scoringBatchesArguments({ total });
  return classifierBatches(total);
}

const spanShape = options({ first: wholeCount, count: positiveCount });
/** What of a set of images is measured. */
export interface ImagesToMeasureOptions {
  /** How many images the set has. */
  readonly total: number;
  /** Whether the FID is to be computed, default false. */
  readonly fid?: boolean | undefined;
}

const imagesToMeasureArguments = signature('imagesToMeasure', {
  span: spanShape,
  options: options({ total: positiveCount, fid: flag.optional() }),
});

/** The images that measuring a part of a set needs: those of the part, and for the FID the rest of the batches that they are in. */
export function imagesToMeasure(span: Span, measured: ImagesToMeasureOptions): Span {
  imagesToMeasureArguments({ span, options: measured });
  const { total, fid = false } = measured;
  if (!fid) return span;
  const first = span.first - (span.first % INCEPTION_BATCH);
  const end = Math.min(Math.ceil((span.first + span.count) / INCEPTION_BATCH) * INCEPTION_BATCH, total);
  return { first, count: end - first };
}

const measureImagesArguments = signature('measureImages', {
  atHand: options({ images: scoredImages, first: wholeCount, total: positiveCount }),
  span: spanShape,
  networks: options({ evaluator: classifier, features: classifier, secondFeatures: classifier }),
  options: options({
    thorough: flag,
    inception: like('InceptionFeatures', { extract: callback }).optional(),
    onProgress: callback.optional(),
  }),
});

/**
 * What the networks say of a part of a set of images.
 *
 * @param span whole batches of `scoringBatches`, among the images at hand
 * @throws EvaluationError for another part, and for images of another size than the networks know
 */
export async function measureImages(
  atHand: ImagesAtHand,
  span: Span,
  networks: EvaluationNetworks,
  measured: MeasureOptions,
): Promise<Measurements> {
  measureImagesArguments({ atHand, span, networks, options: measured });
  const { thorough, inception, onProgress } = measured;
  const { total } = atHand;
  const needed = imagesToMeasure(span, { total, fid: inception !== undefined });
  const shown = { ...part(atHand, span), batches: batchesOf(span, total) };
  const classified = new ClassifiedSet(shown, networks);
  const told =
    (what: string): ProgressHook =>
    (share) =>
      onProgress?.(what, share);
  const { data: features } = await classified.features(told('features'));
  const probabilities = await classified.probabilities();
  const { task } = networks.features.network;
  const evaluated = task === 'turns' ? null : await classified.evaluated(told('class probabilities'));
  const moments = new Map<string, FeatureStatistics>();
  if (thorough) {
    for (const kind of networkKinds(networks)) {
      moments.set(kind.name, FeatureStatistics.of(await kind.of(shown, told(kind.name))));
    }
  }
  if (inception) {
    const skipped = span.first - needed.first;
    const rows = { first: skipped, count: span.count };
    moments.set(
      inceptionKind(inception),
      await inceptionStatistics(inception, part(atHand, needed), told('Inception features'), rows),
    );
  }
  return {
    networks: measuredBy(networks),
    features,
    probabilities,
    evaluated,
    moments,
  };
}

const mergeMeasurementsArguments = signature('mergeMeasurements', {
  parts: listOf(measurementsShape, 'an array of measurements'),
});

/**
 * The measurements of a set from those of its parts. Features are those of one process to the bit; moments, which are combined in the
 * order of the parts (`FeatureStatistics.merge`), are to about 1e-14.
 *
 * @param parts in the order of their images
 * @throws EvaluationError for none, and for parts that other networks measured or of which not the same is known
 */
export function mergeMeasurements(parts: readonly Measurements[]): Measurements {
  mergeMeasurementsArguments({ parts });
  const [first] = parts;
  if (first === undefined) throw new EvaluationError('There are no measurements to merge.');
  const moments = new Map<string, FeatureStatistics>();
  for (const [kind, { dimension }] of first.moments) moments.set(kind, new FeatureStatistics(dimension));
  for (const each of parts) {
    const same =
      areTheSame(each.networks, first.networks) &&
      each.moments.size === moments.size &&
      (each.evaluated === null) === (first.evaluated === null);
    if (!same) throw new EvaluationError('Measurements of other networks or other kinds of features cannot be merged.');
    for (const [kind, whole] of moments) {
      const statistics = each.moments.get(kind);
      if (statistics === undefined) throw new EvaluationError(`Some of the measurements have no moments of ${kind}.`);
      whole.merge(statistics);
    }
  }
  return {
    networks: first.networks,
    features: concatenated(parts.map(({ features }) => features)),
    probabilities: concatenated(parts.map(({ probabilities }) => probabilities)),
    evaluated: first.evaluated && concatenated(parts.map(({ evaluated }) => evaluated as Float32Array)),
    moments,
  };
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of parts) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}

/** @throws EvaluationError for images that are not at hand */
function part({ images, first }: ImagesAtHand, span: Span): ScoredImages {
  const from = span.first - first;
  if (from < 0 || from + span.count > images.count) {
    throw new EvaluationError(
      `Images ${span.first} to ${span.first + span.count - 1} are needed; at hand are ${first} to ${first + images.count - 1}.`,
    );
  }
  if (span.count === images.count) return images;
  return selectImages(
    images,
    Array.from({ length: span.count }, (_, i) => from + i),
    images.source,
  );
}

/** @throws EvaluationError for a part that begins or ends within a batch */
function batchesOf({ first, count }: Span, total: number): Span[] {
  const batches = classifierBatches(total).filter((batch) => batch.first >= first && batch.first < first + count);
  const last = batches.at(-1);
  if (batches[0]?.first !== first || last === undefined || last.first + last.count !== first + count) {
    throw new EvaluationError(
      `Images ${first} to ${first + count - 1} of ${total} are not whole batches of scoringBatches.`,
    );
  }
  return batches.map((batch) => ({ first: batch.first - first, count: batch.count }));
}

function measuredBy({ evaluator, features, secondFeatures }: EvaluationNetworks): Measurements['networks'] {
  return { evaluator: evaluator.sha256, features: features.sha256, secondFeatures: secondFeatures.sha256 };
}

function areTheSame(a: Measurements['networks'], b: Measurements['networks']): boolean {
  return a.evaluator === b.evaluator && a.features === b.features && a.secondFeatures === b.secondFeatures;
}

/** @throws EvaluationError for measurements by other networks or of another number of images */
export function checkMeasured(
  { networks, features, probabilities, evaluated }: Measurements,
  count: number,
  given: EvaluationNetworks,
): void {
  const { evaluator, features: network } = given;
  if (!areTheSame(networks, measuredBy(given))) {
    throw new EvaluationError('The images were measured by other networks than those they are to be scored by.');
  }
  const sizes = [features.length / network.network.features, probabilities.length / network.network.classes];
  if (evaluated) sizes.push(evaluated.length / evaluator.network.classes);
  const wrong = sizes.find((size) => size !== count);
  if (wrong !== undefined) throw new EvaluationError(`${wrong} images were measured, and ${count} are to be scored.`);
}
