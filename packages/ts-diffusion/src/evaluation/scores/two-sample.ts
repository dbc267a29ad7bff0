import { mean, standardDeviation } from '../moments.js';
import { judge, type Verdict } from '../two-sample/two-sample-test.js';
import { views, type ViewName } from '../two-sample/views.js';
import { planarImages, type ScoredImages, type ShownImages } from '../scored-images.js';
import { identityOf, otherCountWarnings, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: how often a fresh network tells samples from real images. */
const TWO_SAMPLE_METRIC = 'Two-sample accuracy';
/** The same as an area under the curve. */
const TWO_SAMPLE_AREA_METRIC = 'Two-sample AUC';

/** How suspicious each sample is to the judges of the images as they are. */
export interface Suspicions {
  /** Mean logit of the judges that had not seen it; NaN where all had. */
  readonly ofSamples: Float32Array;
}

/** Accuracy and area of some judges. */
interface Findings {
  readonly accuracies: readonly number[];
  readonly areas: readonly number[];
}

/**
 * The two-sample test on each view of the images, with its floor: the same test between other real images and the reference. A perfect
 * model scores the floor, about 0.5.
 *
 * @param seeds judges of each view, of successive seeds
 */
export async function scoreTwoSample(
  scoring: Scoring,
  seeds: number,
): Promise<Scored & { readonly suspicions: Suspicions }> {
  const { samples, reference, real, cache, seed, onProgress } = scoring;
  const { runtime } = samples.networks.features;
  const names = Object.keys(views) as ViewName[];
  const total = 2 * names.length * seeds;
  let done = 0;
  const judgeAll = async (
    view: ViewName,
    images: ScoredImages,
    visit?: (verdict: Verdict) => void,
  ): Promise<Findings> => {
    const [shownReal, shown] = [reference.images, images].map((set) => views[view](planarImages(set))) as [
      ShownImages,
      ShownImages,
    ];
    const verdicts: Verdict[] = [];
    for (let i = 0; i < seeds; i++) {
      const verdict = await judge(runtime, shownReal, shown, seed + i, (share) => {
        onProgress((done + share) / total);
      });
      done += 1;
      verdicts.push(verdict);
      visit?.(verdict);
    }
    return { accuracies: verdicts.map(({ accuracy }) => accuracy), areas: verdicts.map(({ area }) => area) };
  };

  const sums = new Float32Array(samples.images.count);
  const counts = new Uint8Array(samples.images.count);
  const scores: Scored['scores'][number][] = [];
  for (const view of names) {
    const found = await judgeAll(view, samples.images, (verdict) => {
      if (view !== 'as they are') return;
      verdict.rows.forEach((row, i) => {
        sums[row] = (sums[row] as number) + (verdict.suspicion[i] as number);
        counts[row] = (counts[row] as number) + 1;
      });
    });
    const key = {
      metric: 'two-sample test 1',
      view,
      reference: reference.images.sha256,
      real: real.images.sha256,
      seeds,
      seed,
    };
    const before = done;
    const floors = await cache.value(key, () => judgeAll(view, real.images));
    done = before + seeds;
    const suffix = view === 'as they are' ? '' : `, ${view}`;
    const scoreOf = (
      metric: string,
      values: readonly number[],
      ofReal: readonly number[],
    ): Scored['scores'][number] => ({
      metric: `${metric}${suffix}`,
      value: mean(values),
      ...(seeds > 1 && { standardDeviation: standardDeviation(values) }),
      floor: mean(ofReal),
      better: 'lower',
      conditions: {
        network: null,
        samples: samples.images.count,
        reference: identityOf(reference.images),
        valueRange: '[-1, 1]',
        resize: view === '2x2 means' ? '2x2 means' : 'none',
        settings: { judges: seeds },
      },
    });
    scores.push(
      scoreOf(TWO_SAMPLE_METRIC, found.accuracies, floors.accuracies),
      scoreOf(TWO_SAMPLE_AREA_METRIC, found.areas, floors.areas),
    );
  }
  const ofSamples = sums.map((sum, row) => sum / (counts[row] as number));
  const warnings = otherCountWarnings('The floor of the two-sample test', 'the test', scoring);
  return { scores, warnings, suspicions: { ofSamples } };
}
