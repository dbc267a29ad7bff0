import type { ImageSet } from '../../data/image-set.js';
import { FeatureStatistics } from '../feature-statistics.js';
import { createFeatures } from '../features.js';
import { frechetDistanceWithFloor } from '../frechet-distance.js';
import type { InceptionFeatures } from '../inception/features.js';
import type { Span } from '../../pipeline/batches.js';
import type { ProgressHook } from '../progress.js';
import type { ScoredImages } from '../scored-images.js';
import { identityOf, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: Fréchet Inception Distance. */
export const FID_METRIC = 'FID';

/** RGB where the images are coloured: pytorch-fid converts every image to RGB, and the network repeats gray. */
function asSeen({ images, colours, count, height, width }: ScoredImages): ImageSet {
  const size = { count, height, width };
  return colours ? { ...size, images: colours, channels: 3 } : { ...size, images };
}

/** Under what name the moments of these features are kept among the measurements of images. */
export function inceptionKind({ weights }: InceptionFeatures): string {
  return `Inception-v3 ${weights.sha256}`;
}

/** Mean and covariance of Inception's features of images. @param rows which of the images they are of; default: all */
export async function inceptionStatistics(
  inception: InceptionFeatures,
  set: ScoredImages,
  onProgress: ProgressHook,
  rows: Span = { first: 0, count: set.count },
): Promise<FeatureStatistics> {
  const { dimension } = inception;
  const features = await inception.extract(asSeen(set), { onProgress });
  const wanted = features.subarray(rows.first * dimension, (rows.first + rows.count) * dimension);
  return FeatureStatistics.of(createFeatures(wanted, dimension));
}

/** The FID of pytorch-fid; over other weights than the published ones it has another name. */
export async function scoreFid(
  { samples, reference, real, cache, onProgress }: Scoring,
  inception: InceptionFeatures,
): Promise<Scored> {
  const { sha256, published } = inception.weights;
  const extract = (set: ScoredImages, from: number): Promise<FeatureStatistics> =>
    inceptionStatistics(inception, set, (share) => {
      onProgress((from + share) / 3);
    });
  const cached = (set: ScoredImages, from: number): Promise<FeatureStatistics> =>
    cache.statistics({ network: sha256, images: set.sha256 }, () => extract(set, from));
  const { distance, floor, warnings } = frechetDistanceWithFloor(
    samples.momentsOf(inceptionKind(inception)) ?? (await extract(samples.images, 0)),
    await cached(reference.images, 1),
    await cached(real.images, 2),
  );
  return {
    scores: [
      {
        metric: published ? FID_METRIC : 'Frechet distance (Inception-v3, other weights)',
        value: distance,
        floor,
        better: 'lower',
        conditions: {
          network: { name: 'Inception-v3 (2015-12-05)', sha256, features: inception.dimension },
          samples: samples.images.count,
          reference: identityOf(reference.images),
          valueRange: '0..255',
          resize: 'bilinear to 299x299',
          settings: {},
        },
      },
    ],
    warnings,
  };
}
