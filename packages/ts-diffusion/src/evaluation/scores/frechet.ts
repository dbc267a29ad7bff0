import { FeatureStatistics } from '../feature-statistics.js';
import { bootstrapFrechetDistance, frechetDistance } from '../frechet-distance.js';
import { featureConditions, floorKey, otherCountWarnings, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: Fréchet distance over the features of the classifier that the score's conditions name. */
export const FRECHET_METRIC = 'Frechet distance (CNN features)';

/** The Fréchet distance over the feature network, with its floor and its error by the bootstrap. */
export async function scoreFrechet(scoring: Scoring, resamples: number): Promise<Scored> {
  const { samples, reference, real, cache, seed, onProgress } = scoring;
  const features = await samples.features((share) => {
    onProgress(share / 2);
  });
  const ofReference = FeatureStatistics.of(await reference.features());
  const settings = { bootstrap: resamples };
  const { distance, standardError } = bootstrapFrechetDistance(features, ofReference, {
    resamples,
    seed,
    onProgress: (share) => {
      onProgress((1 + share) / 2);
    },
  });
  const floor = await cache.value(floorKey(FRECHET_METRIC, scoring, {}), async () =>
    frechetDistance(FeatureStatistics.of(await real.features()), ofReference),
  );
  const warnings = [FeatureStatistics.of(features).warning, ofReference.warning].filter((text) => text !== null);
  const fewerReal = otherCountWarnings('The floor of the Frechet distance', 'the distance', scoring);
  return {
    scores: [
      {
        metric: FRECHET_METRIC,
        value: distance,
        standardDeviation: standardError,
        floor,
        better: 'lower',
        conditions: featureConditions(scoring, settings),
      },
    ],
    warnings: [...new Set([...warnings, ...fewerReal])],
  };
}
