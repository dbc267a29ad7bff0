import { findDescribedPictures, type DescribedPicturesOptions } from './described-pictures.js';
import { findPictures, type PictureFile, type PictureFiles } from './picture-files.js';
import { readPictureFile } from './survey-pictures.js';
import type { Split } from '../../data/dataset.js';

/** A part of a data set, and how many pictures it has. */
export interface SplitCount {
  readonly name: string;
  readonly count: number;
}

/** Pictures of one split, wherever their files are. */
export interface PictureSource extends PictureFiles {
  /** Where they are, for people; names are relative to it. */
  readonly path: string;
  /** The parts of the data set, where they are known, each with its number of pictures. */
  readonly splits?: readonly SplitCount[] | undefined;
  /** The bytes of a picture file. @throws DataError with the problem alone */
  read(file: PictureFile): Promise<Uint8Array>;
}

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
