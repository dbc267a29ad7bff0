import { Purpose, RandomStream } from '../../utils/random.js';
import { scoringNetwork } from '../classified-set.js';
import { inceptionScore } from '../inception-score.js';
import { standardDeviation } from '../moments.js';
import { spreadRows } from '../scored-images.js';
import type { Scored, Scoring } from './scoring.js';

/** Name of the score in receipts: Inception score. */
export const INCEPTION_METRIC = 'Inception score';

/** From so many images on, parts of a tenth are large enough to be scored by themselves. */
const ENOUGH_FOR_SPLITS = 5000;
const BOOTSTRAP = 100;

/** How many parts are scored by themselves unless asked otherwise. */
export const defaultSplits = (count: number): number => (count >= ENOUGH_FOR_SPLITS ? 10 : 1);

/**
 * The Inception score by the paper's evaluator. Splits are of images in random order, so that samples in any order of their
 * labels are spread over all of them; a single split has its spread from the bootstrap. The floor is of as many reference
 * images, where there are so many, in parts as large.
 */
export async function scoreInception(scoring: Scoring, splits?: number): Promise<Scored> {
  const { samples, reference, seed } = scoring;
  const { evaluator } = samples.networks;
  const { classes } = evaluator.network;
  const { count } = samples.images;
  const parts = splits ?? defaultSplits(count);
  const probabilities = await samples.evaluated(scoring.onProgress);
  const { mean, standardDeviation: deviation } = inceptionScore(shuffled(probabilities, classes, seed), classes, parts);
  const rows = spreadRows(reference.images.count, count);
  const ofReal = pick(await reference.evaluated(), classes, rows);
  const partsOfReal = Math.max(1, Math.round((parts * rows.length) / count));
  const floor = inceptionScore(shuffled(ofReal, classes, seed), classes, partsOfReal).mean;
  return {
    scores: [
      {
        metric: INCEPTION_METRIC,
        value: mean,
        standardDeviation: deviation ?? bootstrapDeviation(probabilities, classes, seed),
        floor,
        better: 'higher',
        conditions: {
          network: scoringNetwork(evaluator),
          samples: count,
          reference: null,
          valueRange: samples.evaluatorRange,
          resize: 'none',
          settings: { splits: parts, spread: parts === 1 ? `bootstrap of ${BOOTSTRAP}` : 'over splits' },
        },
      },
    ],
    warnings:
      count / parts < 50 * classes
        ? [
            `Inception score of splits of ${Math.floor(count / parts)} images: such small ones score lower than large ones.`,
          ]
        : [],
  };
}

/** The images in random order, the same for every set of as many. */
function shuffled(probabilities: Float32Array, classes: number, seed: number): Float32Array {
  const random = new RandomStream(seed, Purpose.inceptionSplits);
  return pick(probabilities, classes, [...random.permutation(probabilities.length / classes)]);
}

function bootstrapDeviation(probabilities: Float32Array, classes: number, seed: number): number {
  const count = probabilities.length / classes;
  const scores = Array.from({ length: BOOTSTRAP }, (_, i) => {
    const random = new RandomStream(seed, Purpose.bootstrap, i);
    const rows = Array.from({ length: count }, () => random.integer(count));
    return inceptionScore(pick(probabilities, classes, rows), classes).mean;
  });
  return standardDeviation(scores);
}

function pick(probabilities: Float32Array, classes: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => {
    picked.set(probabilities.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return picked;
}
