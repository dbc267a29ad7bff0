import { describe, expect, it } from 'vitest';
import { classify } from '../../src/classifier/classification.js';
import { EvaluationError } from '../../src/utils/errors.js';

describe('classify', () => {
  // prettier-ignore
  const logits = Float32Array.of(
    5, 1, 1,
    2, 1, 0,
    1, 4, 2,
    0, 0, -1,
    -3, -2, -1,
  );

  it('counts what was recognised, per class and as a confusion matrix', () => {
    // Seen as 0, 0, 1, 0 (a tie: the first), 2.
    const found = classify(logits, [0, 1, 1, 1, 2], 3);
    expect(found.accuracy).toBe(3 / 5);
    expect([...found.confusion]).toEqual([1, 0, 0, 2, 1, 0, 0, 0, 1]);
    expect(found.classes).toEqual([
      { label: 0, count: 1, predicted: 3, correct: 1 },
      { label: 1, count: 3, predicted: 1, correct: 1 },
      { label: 2, count: 1, predicted: 1, correct: 1 },
    ]);
  });

  it('refuses numbers that do not agree, labels out of range and NaN', () => {
    expect(() => classify(logits, [0, 1], 3)).toThrow('15 class probabilities do not go with 2 labels of 3 classes');
    expect(() => classify(logits, [0, 1, -1, 0, 0], 3)).toThrow('The label of image 2 is -1; expected 0..2');
    expect(() => classify(Float32Array.of(1, NaN), [0], 2)).toThrow('class 1 of image 0 is NaN');
    expect(() => classify(new Float32Array(0), [], 2)).toThrow(EvaluationError);
  });
});
