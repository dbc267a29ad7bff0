import { imagesAt, type Dataset } from './dataset.js';
import { dataset as datasetShape } from '../utils/argument-shapes.js';
import { signature } from '../utils/arguments.js';

/** Of each class, one image in so many is held out. */
const SHARE = 10;

const holdOutArguments = signature('holdOut', { dataset: datasetShape });

/**
 * Divides a data set that has no test split: the tenth image of each class, the twentieth and so on are held out, and the first of a
 * class of less than ten; the others are for training. A class of one image is in training alone.
 *
 * @param dataset in memory
 */
export function holdOut(dataset: Dataset): { readonly train: Dataset; readonly test: Dataset } {
  holdOutArguments({ dataset });
  const { labels, classes, count } = dataset;
  const sizes = new Uint32Array(classes);
  for (const label of labels) sizes[label] = (sizes[label] as number) + 1;
  const seen = new Uint32Array(classes);
  const isHeldOut = Array.from({ length: count }, (_, i) => {
    const label = labels[i] as number;
    const size = sizes[label] as number;
    const place = (seen[label] as number) + 1;
    seen[label] = place;
    return size < SHARE ? place === 1 && size > 1 : place % SHARE === 0;
  });
  const rowsWhere = (heldOut: boolean): number[] => isHeldOut.flatMap((each, row) => (each === heldOut ? [row] : []));
  return {
    train: imagesAt(dataset, rowsWhere(false), `the other images of ${dataset.source}`),
    test: imagesAt(dataset, rowsWhere(true), `every tenth image of ${dataset.source}`),
  };
}
