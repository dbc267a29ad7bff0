import { DataError } from '../../utils/errors.js';
import { checkClassCount, inClassOrder } from './class-order.js';

/** One picture's line in a table. */
export interface LabelledRow {
  /** For messages: the file and its line. */
  readonly where: string;
  /** By column. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What columns of labels are called, in order of preference. */
const labelColumns: readonly string[] = [
  'label_name',
  'class_name',
  'label',
  'labels',
  'class',
  'category',
  'fine_label',
];

/**
 * The column that holds the classes.
 *
 * @param wanted by its name; without it, the first of the usual names that is there
 * @param source of the table, for messages
 * @returns undefined where there is none of the usual names: all pictures are of one class
 * @throws DataError where the one that is wanted is not there
 */
export function chooseLabelColumn(
  columns: readonly string[],
  wanted: string | undefined,
  source: string,
  onMessage?: (text: string) => void,
): string | undefined {
  const listed = columns.length === 0 ? 'none' : columns.join(', ');
  if (wanted !== undefined && !columns.includes(wanted)) {
    throw new DataError(`${source} has no column ${wanted} (columns: ${listed}); name one of them as the label column`);
  }
  const found = wanted ?? labelColumns.find((name) => columns.includes(name));
  if (found === undefined) {
    onMessage?.(
      `${source}: no column ${labelColumns.slice(0, 3).join(', ')} (columns: ${listed}); all pictures are of one class. ` +
        '--label-column names another.',
    );
  }
  return found;
}

/**
 * The names of the classes in a column: its values, each once, in the order of classes.
 *
 * @param source of the table, for messages
 * @throws DataError for a value that is no text, number or truth value, and for more than 256 different ones
 */
export function classNamesIn(rows: readonly LabelledRow[], column: string, source: string): string[] {
  const names = new Set(rows.map((row) => classNameOf(row, column)));
  checkClassCount(names.size, `${source} has ${names.size} different values in the column ${column}`);
  return inClassOrder([...names].map((name) => ({ name }))).map(({ name }) => name);
}

/** The class of a row. @throws DataError where there is no text, number or truth value */
export function classNameOf({ where, values }: LabelledRow, column: string): string {
  const value = values[column];
  const isName = typeof value === 'string' ? value !== '' : ['number', 'bigint', 'boolean'].includes(typeof value);
  if (isName) return String(value).normalize('NFC');
  const found = value === undefined || value === null || value === '' ? 'no value' : 'not one value';
  throw new DataError(`${where}: ${found} in the column ${column}; expected the name or number of a class`);
}
