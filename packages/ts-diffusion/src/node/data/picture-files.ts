import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../data/dataset.js';
import type { PictureFile } from '../../data/picture-report.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { checkClassCount, inClassOrder } from './class-order.js';
import { filesBelow, folderContents, isPictureName, splitFolder } from './picture-folders.js';

/** The picture files of a folder, sorted by class, then by name. */
export interface PictureFiles {
  readonly files: readonly PictureFile[];
  /** Names of the classes, in Unicode's NFC; undefined where there are none, and all pictures are of one class. */
  readonly classNames: readonly string[] | undefined;
  /** Files that are no pictures by their names. */
  readonly passedOver: readonly string[];
}

/**
 * The pictures of a folder: directly in it, which makes one class, or in one subfolder for each class, however deep. Where there
 * is a subfolder `train`, the classes are looked for in it, and for the other splits in `validation` and `test`. Hidden files and
 * folders are passed over; links are followed, but into no folder that they lie in.
 *
 * Classes are numbered in the order of their names: numbers by their value, other names by their code units.
 *
 * @throws DataError for a folder that cannot be read, has no pictures of the split, has both pictures and subfolders of them, or
 *   more than 256 classes
 */
export async function findPictures(folder: string, split: Split): Promise<PictureFiles> {
  const passedOver: string[] = [];
  const below = await splitFolder(folder, split);
  const { files: direct, folders } = await folderContents(folder, below);
  const pictures = picturesAmong(direct, passedOver);
  // Two folders may have the same name in different normal forms of Unicode.
  const byClass = new Map<string, string[]>();
  for (const name of folders) {
    const files = await filesBelow(folder, join(below, name), [await realpath(join(folder, below))]);
    const found = picturesAmong(files, passedOver);
    const className = name.normalize('NFC');
    if (found.length > 0) byClass.set(className, [...(byClass.get(className) ?? []), ...found]);
  }
  const classes = [...byClass].map(([name, files]) => ({ name, files }));
  const [first] = classes;
  if (first === undefined && pictures.length === 0) {
    throw new MissingSplitError(
      `${folder} holds no pictures of the ${split} split; expected *.png, *.jpg, *.webp or *.gif in it, or in one subfolder for each class`,
    );
  }
  if (first !== undefined && pictures.length > 0) {
    throw new DataError(
      `${folder} holds pictures (${pictures[0] as string}) and subfolders of pictures (${first.name}); put all into subfolders, ` +
        'one for each class, or all into the folder itself',
    );
  }
  checkClassCount(classes.length, `${folder} has ${classes.length} subfolders of pictures`);
  if (first === undefined) {
    return { files: pictures.sort().map((name) => ({ name, label: 0 })), classNames: undefined, passedOver };
  }
  const ordered = inClassOrder(classes);
  return {
    files: ordered.flatMap(({ files }, label) => files.sort().map((name) => ({ name, label }))),
    classNames: ordered.map(({ name }) => name),
    passedOver,
  };
}

function picturesAmong(names: readonly string[], passedOver: string[]): string[] {
  passedOver.push(...names.filter((name) => !isPictureName(name)));
  return names.filter(isPictureName);
}
