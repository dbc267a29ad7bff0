import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { parseCsv } from '../../formats/csv.js';
import { parseJson } from '../../formats/parse-json.js';
import { DataError } from '../../utils/errors.js';
import type { LabelledRow } from './label-column.js';
import { ParquetFile } from './parquet-file.js';

const metadataName = /(?:^|\/)metadata\.(?:jsonl|csv|parquet)$/i;

/** Whether a file of this name says what the pictures beside and below it are, as Hugging Face's imagefolder has it. */
export function isMetadataName(name: string): boolean {
  return metadataName.test(name);
}

/** What a metadata file says of one picture. */
export interface DescribedPicture extends LabelledRow {
  /** Relative to the data set's folder, with slashes. */
  readonly name: string;
}

/**
 * Reads `metadata.jsonl`, an object a line, `metadata.csv` with a line of column names, or `metadata.parquet`. The column `file_name`, or in its absence the
 * one that ends in `_file_name`, names a picture relative to the file's own folder; others may hold labels.
 *
 * @param file relative to the folder
 * @throws DataError naming the line, where the file is damaged, or names nothing or something outside the folder
 */
export async function readMetadata(folder: string, file: string): Promise<DescribedPicture[]> {
  const path = join(folder, file);
  let rows: Row[];
  try {
    if (/parquet$/i.test(file)) rows = await rowsOfParquet(path);
    else rows = (/csv$/i.test(file) ? rowsOfCsv : rowsOfJsonLines)(await readFile(path));
  } catch (error) {
    if (error instanceof DataError && error.message.includes(path)) throw error;
    throw new DataError(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  return rows.map(({ where, values }) => {
    const columns = Object.keys(values);
    const [nameColumn, another] = columns.includes('file_name')
      ? ['file_name']
      : columns.filter((column) => column.endsWith('_file_name'));
    if (another !== undefined) {
      throw new DataError(
        `${path}, ${where}: several columns name pictures (${nameColumn}, ${another}); call the one to train on file_name`,
      );
    }
    const name = nameColumn === undefined ? undefined : values[nameColumn];
    if (typeof name !== 'string' || name === '') {
      throw new DataError(
        `${path}, ${where}: no column file_name (columns: ${columns.join(', ')}); expected the name of a picture in ` +
          'it, relative to this file, or give the file another name if it does not describe pictures',
      );
    }
    const relative = posix.normalize(posix.join(posix.dirname(file), name.replaceAll('\\', '/')));
    if (relative === '..' || relative.startsWith('../') || /^[/\\]/.test(name)) {
      throw new DataError(
        `${path}, ${where}: ${name} lies outside the data set; expected a path below the folder of this file`,
      );
    }
    const others = Object.fromEntries(Object.entries(values).filter(([column]) => column !== nameColumn));
    return { name: relative, where: `${path}, ${where}`, values: others };
  });
}

interface Row {
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
}

function rowsOfJsonLines(bytes: Uint8Array): Row[] {
  const rows: Row[] = [];
  new TextDecoder('utf-8', { fatal: true })
    .decode(bytes)
    .split('\n')
    .forEach((line, i) => {
      if (line.trim() === '') return;
      const where = `line ${i + 1}`;
      let values: unknown;
      try {
        values = parseJson(line);
      } catch (error) {
        throw new DataError(`${where} is not JSON (${(error as Error).message})`, { cause: error });
      }
      if (typeof values !== 'object' || values === null || Array.isArray(values)) {
        throw new DataError(`${where} is not an object; expected {"file_name": "...", ...}`);
      }
      rows.push({ where, values: values as Record<string, unknown> });
    });
  return rows;
}

function rowsOfCsv(bytes: Uint8Array): Row[] {
  const [head = [], ...records] = parseCsv(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  const columns = head.map((column) => column.trim());
  const repeated = columns.find((column, at) => columns.indexOf(column) !== at);
  if (repeated !== undefined) throw new DataError(`two columns are called ${JSON.stringify(repeated)}; rename one`);
  return records.map((fields, i) => {
    const where = `record ${i + 1}`;
    if (fields.length !== columns.length) {
      throw new DataError(`${where} has ${fields.length} fields; expected ${columns.length}, one for each column`);
    }
    return { where, values: Object.fromEntries(columns.map((column, at) => [column, fields[at]])) };
  });
}

async function rowsOfParquet(path: string): Promise<Row[]> {
  const file = await ParquetFile.open(path);
  const columns = await Promise.all(file.valueColumns.map(async (name) => [name, await file.values(name)] as const));
  return Array.from({ length: file.rows }, (_, row) => ({
    where: `row ${row}`,
    values: Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  }));
}
