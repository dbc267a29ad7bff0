import { join, posix } from 'node:path';
import type { Split } from '../../data/dataset.js';
import type { PictureFile } from '../../data/picture-report.js';
import { DataError, MissingSplitError } from '../../utils/errors.js';
import { checkClassCount } from './class-order.js';
import { firstOf } from './describe-broken.js';
import type { DescribedPicturesOptions } from './described-pictures.js';
import { chooseLabelColumn, classNameOf, classNamesIn, type LabelledRow } from './label-column.js';
import { ParquetFile } from './parquet-file.js';
import type { PictureSource } from './picture-source.js';
import { splitNameOf, splitNames } from './split-names.js';

/** Whether a file of this name is a table of a data set. */
export function isParquetName(name: string): boolean {
  return /\.parquet$/i.test(name);
}

interface Row {
  readonly file: ParquetFile;
  readonly row: number;
}

/**
 * The pictures of one split in Parquet files, as the Hub stores image data sets: `train-00000-of-00002.parquet`, `test-...`, in the
 * folder or one below it. Classes are those that the Hub's
 * metadata name (ClassLabel), otherwise the values of the label column in all splits.
 *
 * @param names of the Parquet files, relative to the folder
 * @param path where they are, for people; default: the folder
 * @throws DataError where a file is damaged, holds no images, or rows have no class; MissingSplitError
 */
export async function parquetSource(
  folder: string,
  names: readonly string[],
  { split, labelColumn, onMessage }: DescribedPicturesOptions & { readonly split: Split },
): Promise<PictureSource> {
  const folders = [...new Set(names.map((name) => posix.dirname(name)))];
  const bySplit = new Map<string, string[]>();
  for (const name of [...names].sort()) {
    const part = splitNameOf(name);
    bySplit.set(part, [...(bySplit.get(part) ?? []), name]);
  }
  const splits = [...bySplit.keys()];
  const found = splitNames[split].find((name) => bySplit.has(name));
  if (found === undefined) {
    throw new MissingSplitError(
      `${folder} holds no pictures of the ${split} split (splits: ${splits.join(', ')}); expected ` +
        `${splitNames[split][0] as string}-00000-of-00001.parquet`,
    );
  }
  const chosen = bySplit.get(found) as string[];
  if (new Set(chosen.map((name) => posix.dirname(name))).size > 1) {
    throw new DataError(`${folder} holds several data sets (${folders.sort().join(', ')}); name one of these folders`);
  }
  const opened = new Map<string, ParquetFile>();
  for (const name of names) opened.set(name, await ParquetFile.open(join(folder, name)));
  const files = chosen.map((name) => opened.get(name) as ParquetFile);
  const column = imageColumn(files, onMessage);
  const labels = await labelsOf(files, [...opened.values()], labelColumn, onMessage);

  const rows = new Map<string, Row>();
  const pictures: PictureFile[] = [];
  for (const [i, file] of files.entries()) {
    for (let row = 0; row < file.rows; row++) {
      const name = `${chosen[i] as string}, row ${row}`;
      rows.set(name, { file, row });
      pictures.push({ name, label: labels.values[pictures.length] ?? 0 });
    }
  }
  if (pictures.length === 0) throw new DataError(`${folder}: no rows in ${firstOf(chosen)}`);
  return {
    path: folder,
    files: pictures,
    classNames: labels.classNames,
    passedOver: [],
    splits: splits.map((name) => {
      const count = (bySplit.get(name) as string[]).reduce((sum, each) => sum + (opened.get(each)?.rows ?? 0), 0);
      return { name, count };
    }),
    async read({ name }) {
      const { file, row } = rows.get(name) as Row;
      const { bytes, path } = await file.image(column, row);
      if (bytes !== undefined) return bytes;
      const elsewhere = path === undefined ? '' : `, only its path ${path}`;
      throw new DataError(`no picture in the column ${column}${elsewhere}`);
    },
  };
}

/** The column with the pictures. @throws DataError where a file has none */
function imageColumn(files: readonly ParquetFile[], onMessage?: (text: string) => void): string {
  const [first] = files as [ParquetFile];
  const [column, ...others] = first.imageColumns;
  const lacking = files.find(({ imageColumns }) => column === undefined || !imageColumns.includes(column));
  if (column === undefined || lacking !== undefined) {
    const { path, imageColumns, valueColumns } = lacking ?? first;
    const columns = [...imageColumns, ...valueColumns].join(', ');
    throw new DataError(
      `${path} holds no images (columns: ${columns}); expected a column image of { bytes, path }, as the Hub stores them`,
    );
  }
  if (others.length > 0) {
    onMessage?.(`${first.path}: several columns of images (${first.imageColumns.join(', ')}); ${column} is used.`);
  }
  return column;
}

interface Labels {
  /** By row, of all files one after the other; none where all pictures are of one class. */
  readonly values: readonly number[];
  readonly classNames: readonly string[] | undefined;
}

/** @param all files of the data set: a class has the same number in each */
async function labelsOf(
  files: readonly ParquetFile[],
  all: readonly ParquetFile[],
  wanted: string | undefined,
  onMessage?: (text: string) => void,
): Promise<Labels> {
  const [first] = files as [ParquetFile];
  const named = first.valueColumns.filter((name) => first.classNames(name) !== undefined);
  const columns = [...named, ...first.valueColumns.filter((name) => !named.includes(name))];
  const [only] = named;
  const chosen = wanted ?? (named.length === 1 ? only : undefined);
  const column = chooseLabelColumn(columns, chosen, first.path, onMessage);
  if (column === undefined) return { values: [], classNames: undefined };
  const classNames = first.classNames(column);
  if (classNames !== undefined) {
    checkClassCount(classNames.length, `${first.path} has ${classNames.length} classes in the column ${column}`);
    const repeated = classNames.find((name, label) => classNames.indexOf(name) !== label);
    if (repeated !== undefined) {
      throw new DataError(`${first.path} calls two classes of the column ${column} ${JSON.stringify(repeated)}`);
    }
    return {
      values: (await rowsOf(files, column)).map((row) => classNumber(row, column, classNames.length)),
      classNames,
    };
  }
  const having = all.filter(({ valueColumns }) => valueColumns.includes(column));
  const names = classNamesIn(await rowsOf(having, column), column, first.path);
  const numbers = new Map(names.map((name, label) => [name, label]));
  const rows = await rowsOf(files, column);
  return { values: rows.map((row) => numbers.get(classNameOf(row, column)) as number), classNames: names };
}

async function rowsOf(files: readonly ParquetFile[], column: string): Promise<LabelledRow[]> {
  const read = await Promise.all(
    files.map(async (file) =>
      (await file.values(column)).map((value, row) => ({
        where: `${file.path}, row ${row}`,
        values: { [column]: value },
      })),
    ),
  );
  return read.flat();
}

/** The number of a ClassLabel. @throws DataError for none, which the Hub writes as -1 or nothing */
function classNumber({ where, values }: LabelledRow, column: string, classes: number): number {
  const value = Number(values[column] ?? -1);
  if (Number.isInteger(value) && value >= 0 && value < classes) return value;
  const found = value === -1 ? 'no class' : `class ${value}`;
  throw new DataError(`${where}: ${found} in the column ${column}; expected 0 to ${classes - 1}`);
}
