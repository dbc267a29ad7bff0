import type { AsyncBuffer, FileMetaData, SchemaTree } from 'hyparquet';
import { open, stat } from 'node:fs/promises';
import { parseJson } from '../../formats/parse-json.js';
import { DataError } from '../../utils/errors.js';

/** Row groups of images that are kept decoded: pictures are read in order, a few at a time. */
const KEPT_GROUPS = 2;

/** A row of images: its picture's file, and where that came from. */
export interface ImageCell {
  readonly bytes: Uint8Array | undefined;
  readonly path: string | undefined;
}

/** A Parquet file with a column of images, as the Hub stores data sets: `{ bytes, path }`, or the bytes alone. */
export class ParquetFile {
  readonly path: string;
  readonly rows: number;
  /** Columns that hold images, those first that the Hub's metadata call so. */
  readonly imageColumns: readonly string[];
  /** All others that hold one value in each row. */
  readonly valueColumns: readonly string[];
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;
  /** Of the columns in the Hub's metadata (`huggingface`), by name. */
  readonly #features: Readonly<Record<string, Feature>>;
  /** Decoded images by row group, the latest last. */
  readonly #groups = new Map<number, Promise<readonly ImageCell[]>>();

  private constructor(path: string, file: AsyncBuffer, metadata: FileMetaData, columns: readonly SchemaTree[]) {
    this.path = path;
    this.rows = Number(metadata.num_rows);
    this.#file = file;
    this.#metadata = metadata;
    this.#features = featuresOf(metadata);
    const isImage = ({ element, children }: SchemaTree): boolean =>
      children.some((child) => child.element.name === 'bytes') ||
      (element.type === 'BYTE_ARRAY' && element.converted_type === undefined && element.logical_type === undefined);
    const images = columns.filter(isImage).map(({ element }) => element.name);
    const isCalledImage = (name: string): boolean => this.#features[name]?._type === 'Image';
    this.imageColumns = [...images.filter(isCalledImage), ...images.filter((name) => !isCalledImage(name))];
    this.valueColumns = columns
      .filter((column) => column.children.length === 0 && !isImage(column))
      .map(({ element }) => element.name);
  }

  /**
   * Reads what the file says of itself, at its end.
   *
   * @throws DataError where it cannot be read, or is no Parquet file
   */
  static async open(path: string): Promise<ParquetFile> {
    const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
    try {
      const file = await fileBuffer(path);
      const metadata = await parquetMetadataAsync(file);
      checkRows(metadata, file.byteLength);
      return new ParquetFile(path, file, metadata, parquetSchema(metadata).children);
    } catch (error) {
      throw damaged(path, error);
    }
  }

  /** Names of the classes of a column, where the Hub's metadata give them (ClassLabel). */
  classNames(column: string): readonly string[] | undefined {
    const { _type, names } = this.#features[column] ?? {};
    return _type === 'ClassLabel' && Array.isArray(names) ? names.map(String) : undefined;
  }

  /** The values of a column, row by row. @throws DataError where it is damaged */
  async values(column: string): Promise<unknown[]> {
    return (await this.#read(column, 0, this.rows)).map((row) => row[column]);
  }

  /** The image of a row. @throws DataError where it is damaged */
  async image(column: string, row: number): Promise<ImageCell> {
    let start = 0;
    for (const [group, { num_rows }] of this.#metadata.row_groups.entries()) {
      const end = start + Number(num_rows);
      if (row < end) return (await this.#group(column, group, start, end))[row - start] as ImageCell;
      start = end;
    }
    throw new DataError(`${this.path}: no row ${row}`);
  }

  #group(column: string, group: number, start: number, end: number): Promise<readonly ImageCell[]> {
    const kept = this.#groups.get(group);
    const cells = kept ?? this.#read(column, start, end).then((rows) => rows.map((row) => imageCell(row[column])));
    // Moved to the end: what was asked for longest ago goes first.
    this.#groups.delete(group);
    this.#groups.set(group, cells);
    for (const old of [...this.#groups.keys()].slice(0, -KEPT_GROUPS)) this.#groups.delete(old);
    return cells;
  }

  async #read(column: string, rowStart: number, rowEnd: number): Promise<Record<string, unknown>[]> {
    const [{ parquetReadObjects }, { compressors }] = await Promise.all([
      import('hyparquet'),
      import('hyparquet-compressors'),
    ]);
    try {
      const request = { file: this.#file, metadata: this.#metadata, columns: [column], rowStart, rowEnd, utf8: false };
      const rows = await parquetReadObjects({ ...request, compressors });
      if (rows.length === rowEnd - rowStart) return rows;
      throw new RangeError(`${rows.length} rows instead of ${rowEnd - rowStart}`);
    } catch (error) {
      throw damaged(this.path, error);
    }
  }
}

interface Feature {
  readonly _type?: unknown;
  readonly names?: unknown;
}

/** What `datasets` writes beside the columns; none where it is missing or of another form. */
function featuresOf({ key_value_metadata: pairs = [] }: FileMetaData): Readonly<Record<string, Feature>> {
  const value = pairs.find(({ key }) => key === 'huggingface')?.value;
  if (value === undefined) return {};
  try {
    const written = parseJson(value) as { info?: { features?: Record<string, Feature> } } | null;
    return written?.info?.features ?? {};
  } catch {
    return {};
  }
}

function imageCell(value: unknown): ImageCell {
  if (value instanceof Uint8Array) return { bytes: value, path: undefined };
  const { bytes, path } = (value ?? {}) as { bytes?: unknown; path?: unknown };
  return {
    bytes: bytes instanceof Uint8Array ? bytes : undefined,
    path: typeof path === 'string' ? path : undefined,
  };
}

/** Opens the file for each piece: nothing is left open, and no file is held in memory. */
async function fileBuffer(path: string): Promise<AsyncBuffer> {
  const { size } = await stat(path);
  return {
    byteLength: size,
    async slice(start, end = size) {
      const file = await open(path);
      try {
        const piece = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        for (let done = 0; done < piece.length;) {
          const { bytesRead } = await file.read(piece, done, piece.length - done, start + done);
          if (bytesRead === 0) throw new RangeError('the file has become shorter');
          done += bytesRead;
        }
        return piece.buffer;
      } finally {
        await file.close();
      }
    },
  };
}

/** @throws RangeError for numbers of rows that cannot be: nobody should count up to them */
function checkRows({ num_rows: rows, row_groups: groups }: FileMetaData, bytes: number): void {
  const inGroups = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (Number(rows) !== inGroups || groups.some(({ num_rows: each }) => each < 0)) {
    throw new RangeError(`it says that it has ${rows} rows, and its row groups ${inGroups}`);
  }
  if (Number(rows) > bytes) throw new RangeError(`${rows} rows cannot be in ${bytes} bytes`);
}

function damaged(path: string, error: unknown): DataError {
  return new DataError(`cannot read the Parquet file ${path}: ${(error as Error).message}`, { cause: error });
}
