import { existsSync, readFileSync } from 'node:fs';
import { decodeReceipt, encodeReceipt, type Receipt, type ReceiptContents } from '../../evaluation/receipt.js';
import { DataError } from '../../utils/errors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { record, signature, text } from '../../utils/arguments.js';

const writeReceiptArguments = signature('writeReceipt', { path: text, contents: record });

/**
 * Writes a receipt as JSON.
 *
 * @throws WriteError when the file cannot be written
 */
export function writeReceipt(path: string, contents: ReceiptContents): void {
  writeReceiptArguments({ path, contents });
  writeFileAtomic(path, encodeReceipt(contents));
}

const readReceiptArguments = signature('readReceipt', { path: text });

/**
 * Reads a receipt.
 *
 * @throws DataError when the file is missing, not JSON, or not a receipt, naming the first field that is wrong
 */
export function readReceipt(path: string): Receipt {
  readReceiptArguments({ path });
  if (!existsSync(path)) throw new DataError(`${path}: no such receipt; diffusion evaluate writes one.`);
  return decodeReceipt(readFileSync(path, 'utf8'), path);
}
