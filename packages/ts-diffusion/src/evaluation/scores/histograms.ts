import { greyLevels, totalVariation } from '../histograms/grey-levels.js';
import { strokeWidths, wassersteinDistance } from '../histograms/stroke-widths.js';
import type { ScoredImages } from '../scored-images.js';
import { identityOf, type Scored, type Scoring } from './scoring.js';

/** What the pixels of a set of images are like. */
export interface PixelStatistics {
  /** Share of pixels of each level, [256]. */
  readonly greyLevels: Float64Array;
  /** Mean stroke width of each image with ink, in pixels; null of coloured images. */
  readonly strokeWidths: Float64Array | null;
}

/** Both sets of a comparison. */
export interface Histograms {
  readonly samples: PixelStatistics;
  readonly reference: PixelStatistics;
}

/** Distances between the distributions of grey levels, and of the strokes' widths of gray images, with their floors. */
export function scoreHistograms({ samples, reference, real }: Scoring): Scored & { readonly histograms: Histograms } {
  const [ofSamples, ofReference, ofReal] = [samples, reference, real].map(({ images }) => statisticsOf(images)) as [
    PixelStatistics,
    PixelStatistics,
    PixelStatistics,
  ];
  const conditions = {
    network: null,
    samples: samples.images.count,
    reference: identityOf(reference.images),
    valueRange: '0..255',
    resize: 'none',
    settings: {},
  };
  const scores: Scored['scores'][number][] = [
    {
      metric: 'Grey levels, total variation',
      value: totalVariation(ofSamples.greyLevels, ofReference.greyLevels),
      floor: totalVariation(ofReal.greyLevels, ofReference.greyLevels),
      better: 'lower',
      conditions,
    },
  ];
  const widths = [ofSamples, ofReal, ofReference].map((each) => each.strokeWidths);
  const [a, b, c] = widths;
  if (a?.length && b?.length && c?.length) {
    scores.push({
      metric: 'Stroke width, Wasserstein distance (pixels)',
      value: wassersteinDistance(a, c),
      floor: wassersteinDistance(b, c),
      better: 'lower',
      conditions,
    });
  }
  return { scores, warnings: [], histograms: { samples: ofSamples, reference: ofReference } };
}

function statisticsOf(images: ScoredImages): PixelStatistics {
  return {
    greyLevels: greyLevels(images),
    strokeWidths: images.colours === undefined ? strokeWidths(images) : null,
  };
}
