/** A picture file of a data set. */
export interface PictureFile {
  /** Relative to the folder, with slashes on every platform. */
  readonly name: string;
  readonly label: number;
}

/** Width and height, as a viewer shows the picture: its orientation tag is followed. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What the first look at a picture file tells. */
export interface SurveyedPicture extends PictureFile {
  /** Of the file's bytes; undefined where it cannot be read. */
  readonly sha256: string | undefined;
  /** From the header; undefined for a broken file. */
  readonly size: PictureSize | undefined;
  /** Why it cannot be used; undefined where nothing is known against it. */
  readonly problem: string | undefined;
}

/** A part of a data set, and how many pictures it has. */
export interface SplitCount {
  readonly name: string;
  readonly count: number;
}

/** The files of a data set, as they were found. */
export interface PictureReport {
  readonly files: readonly SurveyedPicture[];
  /** The problem of each file that cannot be used, by name. */
  readonly broken: ReadonlyMap<string, string>;
  /** The parts of the data set, where they are known, each with its number of pictures. */
  readonly splits?: readonly SplitCount[] | undefined;
}
