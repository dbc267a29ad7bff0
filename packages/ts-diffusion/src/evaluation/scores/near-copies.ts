import { createFeatures, type Features } from '../features.js';
import { nearestNeighbours, type NearestNeighbours } from '../nearest-neighbours.js';
import { spreadSubset, type ScoredImages } from '../scored-images.js';
import { identityOf, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: share of images nearer to a training image than real ones are. */
export const NEAR_COPIES_METRIC = 'Near-copies of training images';

/** Of real images that were held out, so many have a training image that is nearer than what counts as a copy. */
const HELD_OUT_SHARE = 0.01;
/** How many held-out images say so: of fewer, 1 % is a matter of luck. */
const HELD_OUT_IMAGES = 1000;

/**
 * Whether samples repeat the training images: the share of samples that have a training image nearer, in pixels, than all but
 * 1 % of held-out real images have. A model that has memorised scores far more than 1 %.
 *
 * @param images how many samples are looked at
 */
export async function scoreNearCopies(
  { samples, reference, cache, onProgress }: Scoring,
  training: ScoredImages,
  images: number,
): Promise<Scored & { nearest: NearestNeighbours; looked: ScoredImages }> {
  const looked = spreadSubset(samples.images, images);
  const heldOut = spreadSubset(reference.images, HELD_OUT_IMAGES);
  const trainingPixels = pixelsOf(training);
  const nearest = nearestNeighbours(pixelsOf(looked), trainingPixels, (share) => {
    onProgress(share / 2);
  });
  const key = { metric: 'near copies', training: training.sha256, heldOut: heldOut.sha256 };
  const threshold = await cache.value(key, () => {
    const { distances } = nearestNeighbours(pixelsOf(heldOut), trainingPixels, (share) => {
      onProgress((1 + share) / 2);
    });
    return distances.sort()[Math.floor(HELD_OUT_SHARE * distances.length)] as number;
  });
  const copies = nearest.distances.filter((distance) => distance < threshold).length;
  const identical = nearest.distances.filter((distance) => distance === 0).length;
  return {
    nearest,
    looked,
    scores: [
      {
        metric: NEAR_COPIES_METRIC,
        value: copies / looked.count,
        floor: HELD_OUT_SHARE,
        better: 'lower',
        conditions: {
          network: null,
          samples: samples.images.count,
          reference: identityOf(training),
          valueRange: '0..255',
          resize: 'none',
          settings: { images: looked.count, 'held-out images': heldOut.sha256.slice(0, 12) },
        },
      },
    ],
    warnings: identical > 0 ? [`${identical} of ${looked.count} samples are training images, pixel by pixel.`] : [],
  };
}

function pixelsOf({ images, height, width }: ScoredImages): Features {
  return createFeatures(Float32Array.from(images), height * width);
}
