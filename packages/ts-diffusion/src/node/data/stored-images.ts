import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { StoredImages } from '../../data/dataset.js';
import { DataError } from '../../utils/errors.js';

/** Images one after the other in a file, read when they are asked for; the operating system keeps in memory what it has room for. */
export class FileImages implements StoredImages {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #offset: number;
  readonly #length: number;

  /**
   * @param offset where the first image begins
   * @param length bytes of an image
   * @param count how many the file must hold, to its end
   * @throws DataError where the file cannot be read or is of another size
   */
  constructor(path: string, offset: number, length: number, count: number) {
    this.#path = path;
    this.#offset = offset;
    this.#length = length;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw new DataError(`cannot read ${path}: ${(error as Error).message}`, { cause: error });
    }
    const { size } = fstatSync(this.#descriptor);
    const expected = offset + count * length;
    if (size === expected) return;
    this.close();
    throw new DataError(`${path} has ${size} bytes instead of ${expected}; remove it, so that it is made anew`);
  }

  /** Puts an image into `out`. @throws DataError where the file has become shorter or cannot be read */
  read(index: number, out: Uint8Array): void {
    let read = 0;
    try {
      read = readSync(this.#descriptor, out, 0, this.#length, this.#offset + index * this.#length);
    } catch (error) {
      throw new DataError(`cannot read ${this.#path}: ${(error as Error).message}`, { cause: error });
    }
    if (read < this.#length) throw new DataError(`${this.#path} has become shorter while it was used; start again`);
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#descriptor);
  }
}
