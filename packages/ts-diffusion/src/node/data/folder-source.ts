import type { Split } from '../../data/dataset.js';
import { findDescribedPictures, type DescribedPicturesOptions } from './described-pictures.js';
import { findPictures } from './picture-files.js';
import type { PictureSource } from './picture-source.js';
import { readPictureFile } from './survey-pictures.js';

/**
 * The pictures of a folder: those that its metadata files name, or else all, in one class or one for each subfolder.
 *
 * @throws as `findDescribedPictures` and `findPictures`
 */
export async function folderSource(
  path: string,
  { split, ...options }: DescribedPicturesOptions & { readonly split: Split },
): Promise<PictureSource> {
  const found = (await findDescribedPictures(path, split, options)) ?? (await findPictures(path, split));
  return { ...found, path, read: async ({ name }) => readPictureFile(path, name) };
}
