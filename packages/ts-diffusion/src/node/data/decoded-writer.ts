import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { encodeIdxHeader, idxImageShape } from '../../data/idx.js';
import type { PictureOptions } from '../../data/picture-options.js';
import { onBlack } from '../../formats/picture.js';
import { planar } from '../../utils/interleaved.js';
import { writeError } from '../files/atomic-file.js';
import type { ResizedPicture } from '../formats/resize-picture.js';

const CHUNK = 2 ** 20;

/** Writes images into an IDX file one by one: gray until one has colour, then all in RGB, unless told which. */
export class DecodedWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #size: number;
  readonly #color: Required<PictureOptions>['color'];
  #channels: 1 | 3;
  #count = 0;

  /** @throws WriteError where the file cannot be made */
  constructor(path: string, size: number, color: Required<PictureOptions>['color']) {
    this.#path = path;
    this.#size = size;
    this.#color = color;
    this.#channels = color === 'rgb' ? 3 : 1;
    try {
      this.#file = openSync(path, 'w+');
    } catch (error) {
      throw writeError(path, error);
    }
  }

  /** How many images there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds an image. @throws WriteError (full disk, ...) */
  add({ rgb, coloured }: ResizedPicture): void {
    if (coloured && this.#color === 'auto' && this.#channels === 1) this.#widen();
    const size = this.#size;
    const image =
      this.#channels === 3 ? planar(rgb, 3) : onBlack({ width: size, height: size, channels: 3, data: rgb }, 1);
    this.#write(image, this.#position(this.#count));
    this.#count++;
  }

  /**
   * Completes the file.
   *
   * @returns the channels of the images, and the hash of a data set of them: see `Dataset.sha256`
   * @throws WriteError (full disk, ...)
   */
  finish(labels: Uint8Array): { readonly channels: 1 | 3; readonly sha256: string } {
    this.#write(encodeIdxHeader(idxImageShape(this.#count, this.#channels, this.#size, this.#size)), 0);
    const hash = createHash('sha256');
    const chunk = new Uint8Array(CHUNK);
    const end = this.#position(this.#count);
    for (let at = 0; at < end; at += CHUNK) hash.update(chunk.subarray(0, readSync(this.#file, chunk, 0, CHUNK, at)));
    hash.update(encodeIdxHeader([labels.length])).update(labels);
    try {
      fsyncSync(this.#file);
    } catch (error) {
      throw writeError(this.#path, error);
    }
    return { channels: this.#channels, sha256: hash.digest('hex') };
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file);
  }

  /** From gray to RGB in place: from the last image to the first, so that none is overwritten before it is read. */
  #widen(): void {
    const gray = new Uint8Array(this.#size ** 2);
    for (let index = this.#count - 1; index >= 0; index--) {
      this.#channels = 1;
      readSync(this.#file, gray, 0, gray.length, this.#position(index));
      this.#channels = 3;
      this.#write(Buffer.concat([gray, gray, gray]), this.#position(index));
    }
    this.#channels = 3;
  }

  /** Where an image begins. */
  #position(index: number): number {
    return headerLength(this.#channels) + index * this.#channels * this.#size ** 2;
  }

  #write(bytes: Uint8Array, position: number): void {
    try {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
      }
    } catch (error) {
      throw writeError(this.#path, error);
    }
  }
}

/** Bytes before the first image. */
export function headerLength(channels: 1 | 3): number {
  return encodeIdxHeader(idxImageShape(1, channels, 1, 1)).length;
}
