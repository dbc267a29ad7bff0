import { VALUE_RANGE } from '../../classifier/classifier-file.js';
import type { EvaluationCache } from '../evaluation-cache.js';
import type { FeatureKind } from '../feature-kinds/feature-kind.js';
import { networkKinds } from '../feature-kinds/network-kinds.js';
import { pixelComponents } from '../feature-kinds/pixel-components.js';
import { FeatureStatistics } from '../feature-statistics.js';
import { floorRatio } from '../floor-ratio.js';
import { frechetDistance } from '../frechet-distance.js';
import type { Score } from '../receipt.js';
import type { ScoredImages } from '../scored-images.js';
import { identityOf, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: the largest ratio of a Fréchet distance to its floor, over all kinds of features. */
const WORST_RATIO_METRIC = 'Worst distance over floor';

/**
 * Fréchet distances over features that the model was not chosen by, each with its floor, and the worst of all ratios to the floor: a
 * model that pleases one network's features alone does not please the others'.
 *
 * @param frechet the distance over the feature network, which is one of them
 */
export async function scoreFeatureKinds(scoring: Scoring, frechet: Score): Promise<Scored> {
  const { samples, reference, real, cache, onProgress } = scoring;
  const { networks } = samples;
  const kinds = [...networkKinds(networks), pixelComponents(reference.images)];
  const scores: Score[] = [];
  for (const [i, kind] of kinds.entries()) {
    const measured = samples.momentsOf(kind.name);
    const sets = [samples.images, real.images, reference.images] as const;
    const distances = await distancesOver(kind, sets, measured, cache, (share) => {
      onProgress((i + share) / kinds.length);
    });
    scores.push({
      metric: `Frechet distance (${kind.name})`,
      ...distances,
      better: 'lower',
      conditions: {
        network: kind.network,
        samples: samples.images.count,
        reference: identityOf(reference.images),
        valueRange: kind.network === null ? '0..255' : VALUE_RANGE,
        resize: 'none',
        settings: {},
      },
    });
  }
  const worst = worstRatio([frechet, ...scores]);
  if (worst === undefined) {
    return {
      scores,
      warnings: [`${WORST_RATIO_METRIC}: not known, since the real images of the floors are the reference.`],
    };
  }
  const headline: Score = {
    metric: WORST_RATIO_METRIC,
    value: worst,
    floor: 1,
    better: 'lower',
    // Not which kind is the worst: that is found, and models of which others are the worst compare.
    conditions: { ...frechet.conditions, settings: {} },
  };
  return { scores: [...scores, headline], warnings: [] };
}

/** The largest ratio of a distance to its floor; undefined where no floor measures anything. */
export function worstRatio(scores: readonly Pick<Score, 'value' | 'floor'>[]): number | undefined {
  const ratios = scores.flatMap((score) => floorRatio(score) ?? []);
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}

async function distancesOver(
  kind: FeatureKind,
  [samples, real, reference]: readonly [ScoredImages, ScoredImages, ScoredImages],
  measured: FeatureStatistics | undefined,
  cache: EvaluationCache,
  onProgress: (share: number) => void,
): Promise<{ value: number; floor: number }> {
  const kept = (images: ScoredImages): Promise<FeatureStatistics> =>
    cache.statistics({ kind: kind.name, ...kind.key, images: images.sha256 }, async () =>
      FeatureStatistics.of(await kind.of(images)),
    );
  const ofSamples =
    measured ??
    FeatureStatistics.of(
      await kind.of(samples, (share) => {
        onProgress(share / 2);
      }),
    );
  const ofReference = await kept(reference);
  const floorKey = { metric: 'floor', kind: kind.name, ...kind.key, real: real.sha256, reference: reference.sha256 };
  const floor = await cache.value(floorKey, async () => frechetDistance(await kept(real), ofReference));
  return {
    value: frechetDistance(ofSamples, ofReference, (share) => {
      onProgress((1 + share) / 2);
    }),
    floor,
  };
}
