import type { PictureFile, PictureFiles } from './picture-files.js';

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
