import { Purpose, RandomStream } from '../../utils/random.js';
import { scoringNetwork } from '../classified-set.js';
import { inceptionScore } from '../inception-score.js';
import { standardDeviation } from '../moments.js';
import { spreadRows } from '../scored-images.js';
import type { Scored, Scoring } from './scoring.js';

export const INCEPTION_METRIC = 'Inception score';

/** From so many images on, parts of a tenth are large enough to be scored by themselves. */
const ENOUGH_FOR_SPLITS = 5000;
const BOOTSTRAP = 100;

/** How many parts are scored by themselves unless asked otherwise. */
export const defaultSplits = (count: number): number => (count >= ENOUGH_FOR_SPLITS ? 10 : 1);

/**
 * The Inception score by the paper's evaluator. Splits take every n-th image, so that samples in the order of their labels
 * are spread over all of them; a single split has its spread from the bootstrap. The floor is of as many reference images.
 */
export async function scoreInception(scoring: Scoring, splits?: number): Promise<Scored> {
  const { samples, reference, seed } = scoring;
  const { evaluator } = samples.networks;
  const { classes } = evaluator.network;
  const { count } = samples.images;
  const parts = splits ?? defaultSplits(count);
  const probabilities = await samples.evaluated(scoring.onProgress);
  const { mean, standardDeviation: deviation } = inceptionScore(
    interleaved(probabilities, classes, parts),
    classes,
    parts,
  );
  const ofReal = pick(await reference.evaluated(), classes, spreadRows(reference.images.count, count));
  const floor = inceptionScore(interleaved(ofReal, classes, parts), classes, parts).mean;
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

/** Rows 0, n, 2n, ..., then 1, n + 1, ...: consecutive parts of the result take every n-th row. */
function interleaved(probabilities: Float32Array, classes: number, n: number): Float32Array {
  const count = probabilities.length / classes;
  const rows = Array.from({ length: n }, (_, part) =>
    Array.from({ length: Math.ceil((count - part) / n) }, (__, i) => part + i * n),
  );
  return pick(probabilities, classes, rows.flat());
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
