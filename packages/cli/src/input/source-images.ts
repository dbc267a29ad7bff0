import { Option, type Command } from 'commander';
import type { ImageKind } from 'ts-diffusion';
import { type Dataset, imageLength } from 'ts-diffusion/data';
import { NULL_LABEL } from 'ts-diffusion/diffusion';
import { ConfigError } from 'ts-diffusion/errors';
import { isColoured, onBlack, type Picture, planar, transparency } from 'ts-diffusion/images';
import { DATA_HELP } from '../options/data-help.js';
import { type Classes, integer, labelSelection, resolveLabels, type LabelSelection } from '../options/arguments.js';
import { say } from '../output/say.js';

/** The options that say which images to begin with. */
export interface SourceFlags extends DatasetFlags {
  readonly image?: readonly string[];
  readonly digits: LabelSelection;
  readonly index: number;
  readonly labels?: LabelSelection;
}

/** The options that say where data sets lie. */
export interface DatasetFlags {
  readonly data?: string;
  readonly offline?: boolean;
}

/** Images with what they show, and what they are to become. */
export interface SourceImages {
  /** [N, C, H, W], 0..255, in the model's channels. */
  readonly images: Uint8Array;
  /** What to draw, one per image. */
  readonly labels: readonly number[];
}

/** Adds `--data` and `--offline`. */
export function addDatasetOptions(command: Command): Command {
  return command.option('--data <folder>', DATA_HELP).option('--offline', 'do not download data');
}

/**
 * Adds the options of `SourceFlags`.
 *
 * @param drawn what `labels` are for, e.g. `labels to sample with`
 */
export function addSourceOptions(command: Command, drawn: string): Command {
  return addDatasetOptions(
    command
      .addOption(
        new Option(
          '-i, --image <files...>',
          "image files (PNG, JPEG, WebP) of the model's size, light on dark",
        ).conflicts('digits'),
      )
      .option(
        '-d, --digits <labels>',
        'or digits of the data set, one image of each, e.g. 0-9 or 3,7',
        labelSelection,
        'all',
      )
      .option('--index <n>', 'index of the image of each digit, from 0', integer(0), 0)
      .option(
        '-l, --labels <labels>',
        `${drawn}: one for all images, or one per image; default: the label of each digit, none for image files`,
        labelSelection,
      ),
  );
}

/** What these options need to know of a pipeline. */
export interface ImageModel extends Classes {
  readonly model: Pick<ImageKind, 'imageSize' | 'imageChannels'>;
}

/**
 * The images that the flags name.
 *
 * @throws ConfigError for images of another size than the model's, or labels that are not one per image
 */
export async function loadSourceImages(flags: SourceFlags, pipeline: ImageModel): Promise<SourceImages> {
  const { images, labels: own } = flags.image
    ? await readFiles(flags.image, pipeline)
    : await pickDigits(flags, pipeline);
  if (flags.labels === undefined) return { images, labels: own };
  const labels = resolveLabels(flags.labels, pipeline);
  const [only] = labels;
  if (labels.length === 1 && only !== undefined) return { images, labels: own.map(() => only) };
  if (labels.length !== own.length) {
    throw new ConfigError(
      `--labels gives ${labels.length} labels for ${own.length} images; give one, or one per image.`,
    );
  }
  return { images, labels };
}

/** Loads the test digits, or where there are none the digits trained on, saying so. */
export async function loadDigits(
  { data, offline }: DatasetFlags,
  { model }: Pick<ImageModel, 'model'>,
): Promise<Dataset> {
  const { loadDataset } = await import('ts-diffusion/data');
  const { DataError } = await import('ts-diffusion/errors');
  const color = model.imageChannels === 1 ? 'gray' : 'rgb';
  const where = { directory: data, offline, pictures: { imageSize: model.imageSize, color } as const };
  const dataset = await loadDataset({ ...where, split: 'test' }).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    say('There are no test digits here: using training digits, which the model may have been trained on.');
    return loadDataset({ ...where, split: 'train', onMessage: say });
  });
  checkSize(dataset.source, dataset, model.imageSize);
  checkChannels(dataset.source, dataset.channels ?? 1, model.imageChannels);
  return dataset;
}

/** The `index`-th image of class `label`, [C, H, W]. @throws ConfigError when there are fewer */
export function imageOfClass(dataset: Dataset, label: number, index: number): Uint8Array {
  const { images, labels } = dataset;
  const pixels = imageLength(dataset);
  let found = 0;
  for (let i = labels.indexOf(label); i >= 0; i = labels.indexOf(label, i + 1)) {
    if (found++ === index) return images.subarray(i * pixels, (i + 1) * pixels);
  }
  throw new ConfigError(
    `The data set has ${found} images of class ${label}; there is no image ${index} (counted from 0).`,
  );
}

async function pickDigits(flags: SourceFlags, pipeline: ImageModel): Promise<SourceImages> {
  const labels = resolveLabels(flags.digits, pipeline);
  if (labels.includes(NULL_LABEL))
    throw new ConfigError('--digits must name classes of the data set, e.g. 0-9; "none" is not a class.');
  const dataset = await loadDigits(flags, pipeline);
  return { images: concatenated(labels.map((label) => imageOfClass(dataset, label, flags.index))), labels };
}

async function readFiles(paths: readonly string[], { model }: ImageModel): Promise<SourceImages> {
  const { imageSize, imageChannels } = model;
  const { readPicture } = await import('ts-diffusion/node');
  const images: Uint8Array[] = [];
  for (const path of paths) {
    const picture = await readPicture(path);
    checkSize(path, picture, imageSize);
    const image = inChannels(picture, imageChannels);
    for (const message of readingNotes(path, picture, image, imageChannels)) say(message);
    images.push(image);
  }
  return { images: concatenated(images), labels: paths.map(() => NULL_LABEL) };
}

/** The picture in a model's channels, [C, H, W]: on black, unless the model draws transparency too. */
function inChannels(picture: Picture, channels: number): Uint8Array {
  const colours = onBlack(picture, channels < 3 ? 1 : 3);
  if (!hasAlpha(channels)) return planar(colours, channels);
  const { width, height, data, channels: samples } = picture;
  const alpha = transparency(picture) ?? new Uint8Array(width * height).fill(255);
  const own = planar(data, samples);
  const area = width * height;
  const plane = (index: number): Uint8Array => own.subarray(index * area, (index + 1) * area);
  if (channels === 2) return concatenated([samples < 3 ? plane(0) : colours, alpha]);
  return concatenated(samples < 3 ? [plane(0), plane(0), plane(0), alpha] : [plane(0), plane(1), plane(2), alpha]);
}

const hasAlpha = (channels: number): boolean => channels === 2 || channels === 4;

/** What a user should know of how a picture became light on dark. */
function readingNotes(path: string, picture: Picture, image: Uint8Array, channels: number): string[] {
  const notes: string[] = [];
  if (isColoured(picture) && channels < 3) notes.push(`${path}: colours are converted to grey (luma).`);
  if (transparency(picture) && hasAlpha(channels)) return notes;
  if (transparency(picture)) notes.push(`${path}: transparent pixels are read as black.`);
  if (transparency(picture) && image.every((value) => value < 64)) {
    notes.push(`${path}: the drawing is dark on transparent, so it is invisible on black. Draw light on dark.`);
  }
  return notes;
}

/** Images of equal size as one array. */
export function concatenated(images: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(images.reduce((sum, { length }) => sum + length, 0));
  images.reduce((at, image) => (out.set(image, at), at + image.length), 0);
  return out;
}

function checkChannels(source: string, channels: number, expected: number): void {
  if (channels === expected) return;
  throw new ConfigError(`${source}: images in ${channels} channels; this model draws in ${expected}.`);
}

function checkSize(source: string, { width, height }: { width: number; height: number }, size: number): void {
  if (width !== size || height !== size) {
    throw new ConfigError(
      `${source}: the images are ${width}x${height}; this model needs ${size}x${size}. Resize them.`,
    );
  }
}
