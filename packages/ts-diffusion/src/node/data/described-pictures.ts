import type { Split } from '../../data/dataset.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { firstOf } from './describe-broken.js';
import { chooseLabelColumn, classNameOf, classNamesIn } from './label-column.js';
import type { PictureFiles } from './picture-files.js';
import { filesBelow, isPictureName, splitFolder } from './picture-folders.js';
import { isMetadataName, readMetadata, type DescribedPicture } from './picture-metadata.js';

/** How labels are found, and who is told. */
export interface DescribedPicturesOptions {
  /** The column with the classes; default: the first of the usual names. */
  readonly labelColumn?: string | undefined;
  readonly onMessage?: ((text: string) => void) | undefined;
}

/**
 * The pictures that metadata files (`readMetadata`) in a folder, or in folders below it, name: Hugging Face's imagefolder. The
 * classes are the values of the label column in all splits, so that a class has the same number in each. Pictures that no line
 * names are passed over, saying so.
 *
 * @returns undefined where there is no such file
 * @throws DataError where a file is damaged, names what is not there or the same picture twice, or lacks labels
 */
export async function findDescribedPictures(
  folder: string,
  split: Split,
  { labelColumn, onMessage }: DescribedPicturesOptions = {},
): Promise<PictureFiles | undefined> {
  const present = await filesBelow(folder, '');
  const tables = present.filter(isMetadataName).sort();
  if (tables.length === 0) return undefined;
  const source = `${folder}: ${firstOf(tables)}`;
  const described = (await Promise.all(tables.map((file) => readMetadata(folder, file)))).flat();
  const rows = withNamesOnDisk(described, present);
  checkNames(rows, new Set(present));

  const below = await splitFolder(folder, split);
  const isOfSplit = (name: string): boolean => below === '' || name.startsWith(`${below}/`);
  const ofSplit = rows.filter(({ name }) => isOfSplit(name));
  if (ofSplit.length === 0) throw new MissingSplitError(`${source}: no pictures of the ${split} split are named`);
  const named = new Set(rows.map(({ name }) => name));
  const unnamed = present.filter((name) => isOfSplit(name) && isPictureName(name) && !named.has(name)).sort();
  if (unnamed.length > 0) onMessage?.(`${source}: pictures that are not named, and passed over: ${firstOf(unnamed)}.`);

  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const column = chooseLabelColumn(columns, labelColumn, source, onMessage);
  const classNames = column === undefined ? undefined : classNamesIn(rows, column, source);
  const labels = new Map(classNames?.map((name, label) => [name, label]));
  const files = ofSplit.map((row) => ({
    name: row.name,
    label: column === undefined ? 0 : (labels.get(classNameOf(row, column)) as number),
  }));
  return {
    files: files.sort((a, b) => a.label - b.label || (a.name < b.name ? -1 : 1)),
    classNames,
    passedOver: present.filter((name) => isOfSplit(name) && !isPictureName(name) && !isMetadataName(name)),
  };
}

/** Rows with their pictures' names as the disk has them, which may be in another of Unicode's normal forms. */
function withNamesOnDisk(rows: readonly DescribedPicture[], present: readonly string[]): DescribedPicture[] {
  const exact = new Set(present);
  const onDisk = new Map(present.map((name) => [name.normalize('NFC'), name]));
  return rows.map((row) =>
    exact.has(row.name) ? row : { ...row, name: onDisk.get(row.name.normalize('NFC')) ?? row.name },
  );
}

/** @throws DataError where a picture is not there, or is named twice */
function checkNames(rows: readonly DescribedPicture[], present: ReadonlySet<string>): void {
  const missing = rows.filter(({ name }) => !present.has(name));
  const [gone] = missing;
  if (gone !== undefined) {
    throw new DataError(
      `${gone.where}: ${missing.length} of ${rows.length} named pictures are not there: ` +
        `${firstOf(missing.map(({ name }) => name))}; add them, or remove their lines`,
    );
  }
  const seen = new Map<string, DescribedPicture>();
  for (const row of rows) {
    const before = seen.get(row.name);
    if (before !== undefined) {
      throw new DataError(
        `${row.where}: ${row.name} is named already in ${before.where}; leave one line for each picture`,
      );
    }
    seen.set(row.name, row);
  }
}
