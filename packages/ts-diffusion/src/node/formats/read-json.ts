import { readFileSync, statSync } from 'node:fs';
import { DataError } from '../../utils/errors.js';
import { parseJson } from '../../formats/parse-json.js';

/** Larger JSON files are none of this program's. */
const LARGEST_FILE = 64 * 2 ** 20;

/**
 * The value in a JSON file, with or without a byte-order mark.
 *
 * @throws DataError where it cannot be read, is not JSON, or is larger than 64 MiB
 */
export function readJsonFile(path: string): unknown {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_FILE) throw new RangeError(`${size} bytes; at most ${LARGEST_FILE} are read`);
    return parseJson(readFileSync(path));
  } catch (error) {
    const { message } = error as Error;
    const problem = error instanceof SyntaxError ? `not a JSON file (${message})` : `cannot be read (${message})`;
    throw new DataError(`${path}: ${problem}.`, { cause: error });
  }
}
