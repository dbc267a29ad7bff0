import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { PictureOptions } from '../../data/picture-options.js';
import type { SurveyedPicture } from '../../data/picture-report.js';
import { DataError } from '../../utils/errors.js';
import { makeFolder, writeError, writeFileAtomic } from '../files/atomic-file.js';
import { isRunning } from '../files/is-running.js';
import { readJsonFile } from '../formats/read-json.js';
import { resizePicture, type ResizedPicture } from '../formats/resize-picture.js';
import { sha256Hex } from '../platform/sha256.js';
import { describeBroken } from './describe-broken.js';
import { DecodedWriter, headerLength } from './decoded-writer.js';
import type { PictureSource } from './picture-source.js';
import { problemOf, type SurveyOptions } from './survey-pictures.js';

/** What pictures are to become, nothing left open. */
export interface DecodingRequest extends Required<Pick<PictureOptions, 'fit' | 'color' | 'background'>> {
  readonly size: number;
}

/** Decoded pictures in a file. */
export interface DecodedPictures {
  readonly path: string;
  /** Where in the file the first image begins. */
  readonly offset: number;
  readonly channels: 1 | 3;
  /** As `Dataset.sha256`. */
  readonly sha256: string;
  /** The problem of each file that is left out, by name. */
  readonly broken: ReadonlyMap<string, string>;
}

/** How many pictures are decoded at a time. */
const AT_ONCE = 32;

/** To be raised when the same picture becomes another image than before. */
const VERSION = 1;

/** What stands beside the images. */
const contentsSchema = z.strictObject({
  channels: z.union([z.literal(1), z.literal(3)]),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  broken: z.record(z.string(), z.string()),
});
type Contents = z.infer<typeof contentsSchema>;

/**
 * The images of pictures, decoded unless the cache has them: `pictures/KEY.idx`, an IDX file [count, size, size] or
 * [count, 3, size, size], and `pictures/KEY.json`. KEY is a hash of the pictures' names and contents and of the request, so that
 * nothing old is ever taken for new; the folder may be deleted at any time.
 *
 * @throws DataError where no picture can be decoded, or one changes meanwhile
 * @throws WriteError where the cache cannot be written
 */
export async function decodedPictures(
  source: PictureSource,
  pictures: readonly SurveyedPicture[],
  request: DecodingRequest,
  options: SurveyOptions & { readonly cache: string },
): Promise<DecodedPictures> {
  const base = join(options.cache, 'pictures', cacheKey(pictures, request));
  const path = `${base}.idx`;
  const { broken, ...contents } =
    readContents(base, pictures.length, request.size) ?? (await decodeInto(base, source, pictures, request, options));
  return { path, offset: headerLength(contents.channels), ...contents, broken: new Map(Object.entries(broken)) };
}

function cacheKey(pictures: readonly SurveyedPicture[], request: DecodingRequest): string {
  const files = pictures.map(({ name, label, sha256 = 'unreadable' }) => [name, label, sha256]);
  return sha256Hex(new TextEncoder().encode(JSON.stringify([VERSION, request, files]))).slice(0, 32);
}

/** What the cache holds; undefined where it has nothing, or nothing whole. */
function readContents(base: string, pictures: number, size: number): Contents | undefined {
  const file = statSync(`${base}.idx`, { throwIfNoEntry: false });
  if (file === undefined || !existsSync(`${base}.json`)) return undefined;
  try {
    const contents = contentsSchema.safeParse(readJsonFile(`${base}.json`)).data;
    if (contents === undefined) return undefined;
    const { channels, broken } = contents;
    const count = pictures - Object.keys(broken).length;
    return file.size === headerLength(channels) + count * channels * size ** 2 ? contents : undefined;
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** Of decodings in this process: two of the same pictures at the same time do not write into one file. */
let serial = 0;

async function decodeInto(
  base: string,
  source: PictureSource,
  pictures: readonly SurveyedPicture[],
  request: DecodingRequest,
  { signal, onProgress }: SurveyOptions,
): Promise<Contents> {
  const broken = new Map<string, string>();
  const labels: number[] = [];
  const part = `${base}.${process.pid}-${serial++}.part`;
  makeFolder(dirname(base));
  removeAbandoned(dirname(base));
  const writer = new DecodedWriter(part, request.size, request.color);
  let written: Pick<Contents, 'channels' | 'sha256'>;
  try {
    for (let first = 0; first < pictures.length; first += AT_ONCE) {
      signal?.throwIfAborted();
      const batch = pictures.slice(first, first + AT_ONCE);
      const decoded = await Promise.all(batch.map((picture) => decode(source, picture, request)));
      for (const [i, { name, label }] of batch.entries()) {
        const result = decoded[i] as ResizedPicture | string;
        if (typeof result === 'string') broken.set(name, result);
        else {
          writer.add(result);
          labels.push(label);
        }
      }
      onProgress?.(Math.min(first + AT_ONCE, pictures.length), pictures.length);
    }
    if (writer.count === 0) throw new DataError(describeBroken(source.path, broken, pictures.length));
    written = writer.finish(Uint8Array.from(labels));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    writer.close();
  }
  const contents = { ...written, broken: Object.fromEntries(broken) };
  try {
    renameSync(part, `${base}.idx`);
  } catch (error) {
    throw writeError(`${base}.idx`, error);
  }
  writeFileAtomic(`${base}.json`, `${JSON.stringify(contents)}\n`);
  return contents;
}

/** The image, or why there is none. @throws DataError where the file is no longer what it was */
async function decode(
  source: PictureSource,
  picture: SurveyedPicture,
  { size, ...how }: DecodingRequest,
): Promise<ResizedPicture | string> {
  if (picture.problem !== undefined) return picture.problem;
  const path = join(source.path, picture.name);
  let bytes: Uint8Array;
  try {
    bytes = await source.read(picture);
  } catch (error) {
    throw new DataError(
      `${path} can no longer be read: ${problemOf(error)}; start again when the data set is complete`,
      {
        cause: error,
      },
    );
  }
  if (sha256Hex(bytes) !== picture.sha256) {
    throw new DataError(`${path} changed while it was being read; start again when it is complete`);
  }
  try {
    return await resizePicture(bytes, size, how);
  } catch (error) {
    return problemOf(error);
  }
}

/** Removes what processes left that were killed. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const id = Number(/\.(\d+)(?:-\d+)?\.part$/.exec(name)?.[1] ?? process.pid);
    if (id !== process.pid && !isRunning(id)) rmSync(join(folder, name), { force: true });
  }
}
