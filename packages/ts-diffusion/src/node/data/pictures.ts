import type { Split, TrainingImages } from '../../data/dataset.js';
import { OWN_SIZES, type PictureOptions } from '../../data/picture-options.js';
import type { PictureReport, SurveyedPicture } from '../../data/picture-report.js';
import { DataError } from '../../utils/errors.js';
import { decodedPictures } from './decoded-pictures.js';
import { describeBroken, firstOf } from './describe-broken.js';
import { folderSource } from './folder-source.js';
import type { PictureSource } from './picture-source.js';
import { FileImages } from './stored-images.js';
import { surveyPictures, type SurveyOptions } from './survey-pictures.js';

/** How a folder of pictures is read. */
export interface ReadPicturesOptions extends PictureOptions, SurveyOptions {
  readonly split: Split;
  /** Where decoded images are kept: `cacheFolder(environment)`. */
  readonly cache: string;
  readonly onMessage?: ((text: string) => void) | undefined;
  /** Told of all files once they have been read, broken ones too. */
  readonly onFiles?: ((report: PictureReport) => void) | undefined;
}

/**
 * Images from a folder of pictures (`folderSource`), resized and with the channels that the options ask for. They are decoded once into the cache (`decodedPictures`) and stay there: nothing but labels is held in memory.
 *
 * @throws DataError for a folder without pictures, and for files that cannot be read or that change meanwhile, naming them
 * @throws WriteError where the cache cannot be written
 */
export async function readPictures(folder: string, options: ReadPicturesOptions): Promise<TrainingImages> {
  const source = await folderSource(folder, options);
  const { passedOver } = source;
  if (passedOver.length > 0) {
    options.onMessage?.(`${folder}: no pictures by their names, and passed over: ${firstOf(passedOver)}.`);
  }
  return await readSource(source, options);
}

/**
 * Images from pictures wherever they are, as `readPictures`.
 *
 * @throws as `readPictures`
 */
export async function readSource(source: PictureSource, options: ReadPicturesOptions): Promise<TrainingImages> {
  const { path: folder, files, classNames } = source;
  const surveyed = await surveyPictures(source, options);
  const size = options.imageSize ?? ownSize(folder, surveyed, options);
  const { fit = 'crop', color = 'auto', background = 'black' } = options;
  const decoded = await decodedPictures(source, surveyed, { size, fit, color, background }, options);
  const { path, offset, channels, sha256, broken } = decoded;
  options.onFiles?.({ files: surveyed, broken, splits: source.splits });
  if (broken.size > 0) {
    const what = describeBroken(folder, broken, files.length);
    if (options.skipBroken !== true) {
      throw new DataError(`${what}. Repair or remove them, or leave them out (--skip-broken)`);
    }
    options.onMessage?.(`${what}; left out.`);
  }
  const labels = Uint8Array.from(files.filter(({ name }) => !broken.has(name)).map(({ label }) => label));
  return {
    images: new FileImages(path, offset, channels * size * size, labels.length),
    labels,
    count: labels.length,
    height: size,
    width: size,
    ...(channels === 1 ? {} : { channels }),
    classes: classNames?.length ?? 1,
    ...(classNames === undefined ? {} : { classNames }),
    source: folder,
    sha256,
  };
}

/** The pictures' own size where it will do, otherwise the default, saying so. */
function ownSize(folder: string, surveyed: readonly SurveyedPicture[], { onMessage }: ReadPicturesOptions): number {
  const sizes = new Set(surveyed.flatMap(({ size }) => (size ? [`${size.width}x${size.height}`] : [])));
  const first = surveyed.find(({ size }) => size !== undefined)?.size;
  const { least, most, otherwise } = OWN_SIZES;
  if (first === undefined) return otherwise;
  const { width, height } = first;
  if (sizes.size === 1 && width === height && width >= least && width <= most) return width;
  const own = sizes.size === 1 ? `of ${width}x${height}` : `of ${sizes.size} sizes, ${width}x${height} among them`;
  onMessage?.(`${folder}: pictures ${own}, resized to ${otherwise}x${otherwise}; --image-size and --fit change that.`);
  return otherwise;
}
