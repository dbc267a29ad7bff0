import type { PictureFile, SplitCount } from '../../data/picture-report.js';
import type { PictureFiles } from './picture-files.js';

/** Pictures of one split, wherever their files are. */
export interface PictureSource extends PictureFiles {
  /** Where they are, for people; names are relative to it. */
  readonly path: string;
  /** The parts of the data set, where they are known, each with its number of pictures. */
  readonly splits?: readonly SplitCount[] | undefined;
  /** The bytes of a picture file. @throws DataError with the problem alone */
  read(file: PictureFile): Promise<Uint8Array>;
}
