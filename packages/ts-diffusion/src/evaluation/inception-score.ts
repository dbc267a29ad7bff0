import { EvaluationError } from '../utils/errors.js';
import { mean, standardDeviation } from './moments.js';
import { number, positiveCount, floats, signature } from '../utils/arguments.js';

/** An Inception score and its spread. */
export interface InceptionScore {
  /** Between 1 and the number of classes. */
  readonly mean: number;
  /** Over the splits; null for a single one. */
  readonly standardDeviation: number | null;
}

/** How far the probabilities of one image may sum up to something else than 1: a softmax in half precision. */
const TOLERANCE = 1e-2;

const inceptionScoreArguments = signature('inceptionScore', {
  probabilities: floats,
  classes: positiveCount,
  splits: number.optional(),
});

/**
 * The Inception score exp(E_x KL(p(y|x) ‖ p(y))) (equation 7; Salimans et al. 2016), where p(y) is the mean of p(y|x).
 *
 * @param probabilities p(y|x) by a classifier, [N, classes]
 * @param splits scored separately, in the order of the images: 1, or 10 as many papers do. Small splits score lower.
 * @throws EvaluationError for probabilities that are none, and for fewer images than splits
 */
export function inceptionScore(probabilities: Float32Array, classes: number, splits = 1): InceptionScore {
  inceptionScoreArguments({ probabilities, classes, splits });
  const count = probabilities.length / classes;
  checkProbabilities(probabilities, classes);
  checkSplits(count, splits);
  const scores = Array.from({ length: splits }, (_, i) => {
    const [begin, end] = [Math.floor((i * count) / splits), Math.floor(((i + 1) * count) / splits)];
    return scoreOf(probabilities.subarray(begin * classes, end * classes), classes);
  });
  return { mean: mean(scores), standardDeviation: splits === 1 ? null : standardDeviation(scores) };
}

/** @throws EvaluationError for fewer images than splits */
export function checkSplits(count: number, splits: number): void {
  if (Number.isInteger(splits) && splits >= 1 && splits <= count) return;
  throw new EvaluationError(`The Inception score of ${count} images needs 1 to ${count} splits, got ${splits}.`);
}

function scoreOf(probabilities: Float32Array, classes: number): number {
  const count = probabilities.length / classes;
  const marginal = new Float64Array(classes);
  probabilities.forEach((p, i) => (marginal[i % classes] = (marginal[i % classes] as number) + p / count));
  let divergence = 0;
  probabilities.forEach((p, i) => {
    // p ln p is 0 at 0; where p > 0 the marginal is too.
    if (p > 0) divergence += p * Math.log(p / (marginal[i % classes] as number));
  });
  return Math.exp(divergence / count);
}

function checkProbabilities(probabilities: Float32Array, classes: number): void {
  for (let start = 0; start < probabilities.length; start += classes) {
    let sum = 0;
    let least = 0;
    for (let i = start; i < start + classes; i++) {
      const p = probabilities[i] ?? NaN;
      sum += p;
      least = Math.min(least, p);
    }
    if (least < 0 || !(Math.abs(sum - 1) < TOLERANCE)) {
      throw new EvaluationError(
        `The ${classes} class probabilities of image ${start / classes} sum to ${sum} with a smallest value of ${least}; ` +
          'expected the output of a softmax.',
      );
    }
  }
}
