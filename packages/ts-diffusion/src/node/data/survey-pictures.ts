import { join } from 'node:path';
import type { PictureFile, SurveyedPicture } from '../../data/picture-report.js';
import { DataError } from '../../utils/errors.js';
import { readBoundedFile } from '../formats/read-file.js';
import { pictureSize } from '../formats/resize-picture.js';
import { sha256Hex } from '../platform/sha256.js';
import type { PictureSource } from './picture-source.js';

/** Larger files are no pictures that these networks see. */
const LARGEST_FILE = 64 * 2 ** 20;

/** How many files are read at a time. */
const AT_ONCE = 16;

/**
 * Reads every picture file once: hash, size and whether its header is that of a picture.
 *
 * @param onProgress told after every few files how many have been looked at
 */
export async function surveyPictures(
  source: PictureSource,
  { signal, onProgress }: SurveyOptions = {},
): Promise<SurveyedPicture[]> {
  const { files } = source;
  const surveyed: SurveyedPicture[] = [];
  for (let first = 0; first < files.length; first += AT_ONCE) {
    signal?.throwIfAborted();
    surveyed.push(...(await Promise.all(files.slice(first, first + AT_ONCE).map((file) => survey(source, file)))));
    onProgress?.(surveyed.length, files.length);
  }
  return surveyed;
}

/** How a survey can be stopped and watched. */
export interface SurveyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

async function survey(source: PictureSource, file: PictureFile): Promise<SurveyedPicture> {
  let bytes: Uint8Array;
  try {
    bytes = await source.read(file);
  } catch (error) {
    return { ...file, sha256: undefined, size: undefined, problem: problemOf(error) };
  }
  const sha256 = sha256Hex(bytes);
  try {
    return { ...file, sha256, size: await pictureSize(bytes), problem: undefined };
  } catch (error) {
    return { ...file, sha256, size: undefined, problem: problemOf(error) };
  }
}

/** The bytes of a picture file. @throws DataError with the problem alone */
export async function readPictureFile(folder: string, name: string): Promise<Uint8Array> {
  const path = join(folder, name);
  try {
    return await readBoundedFile(path, LARGEST_FILE);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw new DataError('permission denied', { cause: error });
    if (code === 'ENOENT') throw new DataError('removed meanwhile, or a link that leads nowhere', { cause: error });
    const { message } = error as Error;
    throw new DataError(message.replace(`cannot read ${path}: `, ''), { cause: error });
  }
}

/** What is wrong with a picture file, in words. @throws what is no DataError */
export function problemOf(error: unknown): string {
  if (error instanceof DataError) return error.message;
  throw error;
}
