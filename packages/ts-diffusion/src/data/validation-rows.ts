import { DataError } from '../utils/errors.js';
import { Purpose, RandomStream } from '../utils/random.js';

/**
 * Chooses images to hold out: a function of the seed and the labels alone. Each class gives its share of them, as nearly as whole
 * numbers allow (largest remainders), but never its last image.
 *
 * @param labels of all images [N]
 * @param size how many: a fraction of all from 0 to below 1, or a count from 1
 * @returns their indices, ascending
 * @throws DataError where that is none of the images, or leaves a class without any
 */
export function validationRows(labels: ArrayLike<number>, size: number, seed: number): Uint32Array {
  const classes = rowsByClass(labels);
  const wanted = size < 1 ? Math.round(size * labels.length) : size;
  const available = labels.length - classes.size;
  if (wanted < 1 || wanted > available) {
    throw new DataError(
      `A validation split of ${size} is ${wanted} of ${labels.length} images of ${classes.size} ${classes.size === 1 ? 'class' : 'classes'}; ` +
        `1 to ${available} can be held out, so that each class keeps an image to train on. Change --validation`,
    );
  }
  const chosen = [...shares(classes, wanted, labels.length)].flatMap(([label, share]) => {
    const rows = classes.get(label) as number[];
    const order = new RandomStream(seed, Purpose.validationSplit, label).permutation(rows.length);
    return Array.from(order.subarray(0, share), (at) => rows[at] as number);
  });
  return Uint32Array.from(chosen).sort();
}

/** The indices of the images of each label, in the order of the labels. */
export function rowsByClass(labels: ArrayLike<number>): ReadonlyMap<number, number[]> {
  const rows = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] as number;
    const found = rows.get(label);
    if (found === undefined) rows.set(label, [row]);
    else found.push(row);
  }
  return new Map([...rows].sort(([a], [b]) => a - b));
}

/** How many images of each class: its quota rounded down, and one more for those with the largest remainders. */
function shares(classes: ReadonlyMap<number, number[]>, wanted: number, count: number): ReadonlyMap<number, number> {
  const quotas = [...classes].map(([label, { length }]) => ({
    label,
    most: length - 1,
    quota: (wanted * length) / count,
  }));
  const given = new Map(quotas.map(({ label, quota, most }) => [label, Math.min(Math.floor(quota), most)]));
  const byRemainder = quotas.toSorted((a, b) => (b.quota % 1) - (a.quota % 1) || a.label - b.label);
  let left = wanted - [...given.values()].reduce((a, b) => a + b, 0);
  while (left > 0) {
    for (const { label, most } of byRemainder) {
      const share = given.get(label) as number;
      if (left === 0 || share === most) continue;
      given.set(label, share + 1);
      left--;
    }
  }
  return given;
}
