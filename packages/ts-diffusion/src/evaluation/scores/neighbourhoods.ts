import { selectFeatures, type Features } from '../features.js';
import { precisionRecall, type PrecisionRecall } from '../precision-recall.js';
import { spreadRows } from '../scored-images.js';
import { featureConditions, floorKey, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: recall. */
export const RECALL_METRIC = 'Recall';
/** Name of the score in receipts: density. */
export const DENSITY_METRIC = 'Density';

/** More images than this take minutes and move the numbers little. */
const LARGEST = 10_000;

/** Precision, recall, density and coverage, between as many samples as real images, because all four depend on that. */
export async function scoreNeighbourhoods(scoring: Scoring, neighbours: number): Promise<Scored> {
  const { samples, reference, real, cache, onProgress } = scoring;
  const images = Math.min(samples.images.count, reference.images.count, LARGEST);
  const settings = { neighbours, images };
  const ofReference = spread(await reference.features(), images);
  const found = precisionRecall(ofReference, spread(await samples.features(), images), { neighbours, onProgress });
  const floors = await cache.value(floorKey('precision and recall', scoring, settings), async () =>
    precisionRecall(ofReference, spread(await real.features(), images), { neighbours, onProgress }),
  );
  const names: readonly [string, keyof PrecisionRecall][] = [
    ['Precision', 'precision'],
    [RECALL_METRIC, 'recall'],
    [DENSITY_METRIC, 'density'],
    ['Coverage', 'coverage'],
  ];
  return {
    scores: names.map(([metric, name]) => ({
      metric,
      value: found[name],
      floor: floors[name],
      better: 'higher',
      conditions: featureConditions(scoring, settings),
    })),
    warnings: [],
  };
}

function spread(features: Features, count: number): Features {
  return features.rows <= count ? features : selectFeatures(features, spreadRows(features.rows, count));
}
