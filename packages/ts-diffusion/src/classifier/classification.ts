import { EvaluationError } from '../utils/errors.js';
import { positiveCount, floats, numbers, signature } from '../utils/arguments.js';

/** How well a classifier recognises the images of one class. */
export interface ClassAccuracy {
  readonly label: number;
  /** Images made for this class. */
  readonly count: number;
  /** Images that the classifier takes for this class, rightly or wrongly. */
  readonly predicted: number;
  readonly correct: number;
}

/** How many images a classifier takes for the class that they were made for. */
export interface Classification {
  readonly count: number;
  /** Share of images that the classifier takes for the class they were made for. */
  readonly accuracy: number;
  readonly classes: readonly ClassAccuracy[];
  /** Row-major [classes, classes]: images of the row's label that were taken for the column's. */
  readonly confusion: Uint32Array;
}

const classifyArguments = signature('classify', { probabilities: floats, labels: numbers, classes: positiveCount });

/**
 * Compares what a classifier sees in images with the labels they were made for.
 *
 * @param probabilities or logits, [N, classes]; the largest counts, of equal ones the first
 * @param labels 0..classes-1 [N]
 * @throws EvaluationError for numbers that do not agree, labels out of range and values that are not finite
 */
export function classify(probabilities: Float32Array, labels: ArrayLike<number>, classes: number): Classification {
  classifyArguments({ probabilities, labels, classes });
  const count = labels.length;
  if (count === 0 || probabilities.length !== count * classes) {
    throw new EvaluationError(
      `${probabilities.length} class probabilities do not go with ${count} labels of ${classes} classes.`,
    );
  }
  const confusion = new Uint32Array(classes * classes);
  for (let i = 0; i < count; i++) {
    const label = labels[i] as number;
    if (!(label >= 0 && label < classes)) {
      throw new EvaluationError(`The label of image ${i} is ${label}; expected 0..${classes - 1}.`);
    }
    const cell = label * classes + mostProbable(probabilities.subarray(i * classes, (i + 1) * classes), i);
    confusion[cell] = (confusion[cell] as number) + 1;
  }
  const range = Array.from({ length: classes }, (_, k) => k);
  const cell = (row: number, column: number): number => confusion[row * classes + column] as number;
  const table = range.map((label) => ({
    label,
    count: range.reduce((sum, other) => sum + cell(label, other), 0),
    predicted: range.reduce((sum, other) => sum + cell(other, label), 0),
    correct: cell(label, label),
  }));
  const accuracy = table.reduce((sum, { correct }) => sum + correct, 0) / count;
  return { count, accuracy, classes: table, confusion };
}

function mostProbable(values: Float32Array, image: number): number {
  let best = 0;
  for (let k = 0; k < values.length; k++) {
    const value = values[k] as number;
    if (Number.isNaN(value)) throw new EvaluationError(`The probability of class ${k} of image ${image} is NaN.`);
    if (value > (values[best] as number)) best = k;
  }
  return best;
}
