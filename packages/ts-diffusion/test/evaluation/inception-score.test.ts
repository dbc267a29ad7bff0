import { describe, expect, it } from 'vitest';
import { inceptionScore } from '../../src/evaluation/inception-score.js';
import { EvaluationError } from '../../src/utils/errors.js';
import { deterministicTensor } from '../golden/deterministic-weights.js';
import golden from '../golden/evaluation.json' with { type: 'json' };

function softmax(logits: Float32Array, classes: number): Float32Array {
  return logits.map((_, i) => {
    const start = i - (i % classes);
    const row = logits.subarray(start, start + classes);
    return Math.exp(logits[i] ?? NaN) / row.reduce((sum, value) => sum + Math.exp(value), 0);
  });
}

const oneHot = (labels: readonly number[], classes: number): Float32Array =>
  Float32Array.from({ length: labels.length * classes }, (_, i) =>
    labels[Math.floor(i / classes)] === i % classes ? 1 : 0,
  );

describe('inceptionScore', () => {
  const { count, classes, bound } = golden.inceptionScore;

  it.each(golden.inceptionScore.scores)(
    'equals that of torch-fidelity: $splits splits',
    ({ splits, mean, deviation }) => {
      const probabilities = softmax(deterministicTensor('logits', count * classes, bound), classes);
      const score = inceptionScore(probabilities, classes, splits);
      expect(score.mean).toBeCloseTo(mean, 6);
      if (splits === 1) expect(score.standardDeviation).toBeNull();
      else expect(score.standardDeviation).toBeCloseTo(deviation, 6);
    },
  );

  it('of certain predictions is the number of classes seen, whatever the zeros', () => {
    expect(inceptionScore(oneHot([0, 1, 2, 3, 0, 1, 2, 3], 5), 5).mean).toBeCloseTo(4, 12);
    expect(inceptionScore(oneHot([2, 2, 2], 5), 5).mean).toBe(1);
  });

  it('of images that all look alike is 1', () => {
    const row = [0.7, 0.2, 0.1];
    expect(inceptionScore(Float32Array.from([...row, ...row, ...row]), 3).mean).toBeCloseTo(1, 6);
  });

  it('refuses what are no probabilities, and more splits than images', () => {
    expect(() => inceptionScore(Float32Array.of(0.5, 0.5, 1.5, -0.5), 2)).toThrow(
      'of image 1 sum to 1 with a smallest value of -0.5',
    );
    expect(() => inceptionScore(Float32Array.of(3, 2), 2)).toThrow('sum to 5');
    expect(() => inceptionScore(Float32Array.of(NaN, 1), 2)).toThrow(EvaluationError);
    expect(() => inceptionScore(Float32Array.of(0.5, 0.5, 1), 2)).toThrow(EvaluationError);
    expect(() => inceptionScore(oneHot([0, 1], 2), 2, 3)).toThrow('of 2 images needs 1 to 2 splits, got 3');
    expect(() => inceptionScore(new Float32Array(0), 2)).toThrow(EvaluationError);
  });
});
