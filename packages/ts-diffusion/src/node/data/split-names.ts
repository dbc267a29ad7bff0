import type { Split } from '../../data/dataset.js';

/** What the parts of a data set are called in names of files and folders. */
export const splitNames: Readonly<Record<Split, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'val', 'dev'],
  test: ['test', 'testing'],
};

const known: readonly string[] = Object.values(splitNames).flat();

/**
 * The part that a file belongs to, as the Hub names them: `train-00000-of-00002.parquet`, `plain_text/test.parquet`,
 * `default/validation/0000.parquet`.
 *
 * @param path with slashes
 * @returns `train` where nothing in it says another
 */
export function splitNameOf(path: string): string {
  const [file = '', ...folders] = path.split('/').reverse();
  const numbered = /^(.+?)-\d{5}-of-\d{5}/.exec(file)?.[1];
  if (numbered !== undefined) return numbered.toLowerCase();
  for (const part of [file, ...folders]) {
    const words = part.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    const word = words.find((each) => known.includes(each));
    if (word !== undefined) return word;
  }
  return 'train';
}
