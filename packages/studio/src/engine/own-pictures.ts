import { createDataset, type Dataset, nextTurn } from 'ts-diffusion/data';
import { isColoured, planar } from 'ts-diffusion/images';
import { DataError } from 'ts-diffusion/errors';

/** The visitor's pictures, as images to train on. */
export interface OwnPictures {
  readonly dataset: Dataset;
  /** Names of the files that hold no picture that this browser can read. */
  readonly broken: readonly string[];
}

/** They are kept in the browser's database, together with the training. */
const LARGEST_BYTES = 64 * 2 ** 20;
/** Labels are bytes. */
const MOST_CLASSES = 256;

/**
 * Decodes pictures, cuts the largest square out of the middle of each, and resizes it, by the browser's own means. Pictures of a folder
 * with subfolders are of the class that their subfolder names; others are all of one class. If none has colour, the images are gray.
 *
 * @param files as a file input gives them
 * @param side height and width of the images
 * @param signal rejects with its reason once aborted
 * @throws DataError where there is no picture among them, or there are too many for a page
 */
export async function readOwnPictures(files: readonly File[], side: number, signal: AbortSignal): Promise<OwnPictures> {
  const most = Math.floor(LARGEST_BYTES / (3 * side * side));
  if (files.length > most) {
    throw new DataError(
      `${files.length} files; training in a page takes at most ${most} pictures of ${side}x${side}. The command diffusion train --data takes more.`,
    );
  }
  const sorted = files.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1)).filter(({ name }) => !name.startsWith('.'));
  const broken: string[] = [];
  const read: { readonly pixels: Uint8Array; readonly folder: string | undefined }[] = [];
  const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new DataError('This browser does not let the page decode pictures.');
  for (const file of sorted) {
    await nextTurn();
    signal.throwIfAborted();
    const square = await squareOf(file, side);
    if (square === undefined) {
      broken.push(file.name);
      continue;
    }
    // What lies behind transparent pixels.
    context.fillStyle = 'black';
    context.fillRect(0, 0, side, side);
    context.drawImage(square, 0, 0);
    square.close();
    read.push({ pixels: rgbOf(context.getImageData(0, 0, side, side).data), folder: subfolderOf(file) });
  }
  if (read.length === 0) {
    throw new DataError(
      'None of these files is a picture that this browser can read; choose PNG, JPEG, WebP or GIF files.',
    );
  }
  return { dataset: datasetOf(read, side), broken };
}

/** The labels of the images that are drawn while a model of these pictures is trained: at most ten classes, at least five images. */
export function previewLabels({ classes }: Pick<Dataset, 'classes'>): number[] {
  return Array.from({ length: Math.min(10, Math.max(5, classes)) }, (_, i) => i % classes);
}

const pathOf = ({ webkitRelativePath, name }: File): string => (webkitRelativePath === '' ? name : webkitRelativePath);

/** Of `folder/class/picture.png`, the class; undefined for a picture that is in no subfolder. */
const subfolderOf = (file: File): string | undefined => pathOf(file).split('/').slice(1, -1)[0];

/** The largest square in the middle, resized; undefined for a file that is no picture. */
async function squareOf(file: File, side: number): Promise<ImageBitmap | undefined> {
  try {
    const whole = await createImageBitmap(file);
    const { width, height } = whole;
    const cut = Math.min(width, height);
    const [x, y] = [Math.floor((width - cut) / 2), Math.floor((height - cut) / 2)];
    const size = { resizeWidth: side, resizeHeight: side, resizeQuality: 'high' } as const;
    try {
      return await createImageBitmap(whole, x, y, cut, cut, size);
    } finally {
      whole.close();
    }
  } catch {
    return undefined;
  }
}

/** [height, width, 4] -> [height, width, 3]. */
function rgbOf(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = rgba[Math.floor(i / 3) * 4 + (i % 3)] as number;
  return rgb;
}

function datasetOf(
  read: readonly { readonly pixels: Uint8Array; readonly folder: string | undefined }[],
  side: number,
): Dataset {
  const folders = [...new Set(read.map(({ folder }) => folder))].filter((folder) => folder !== undefined).sort();
  // Pictures beside the subfolders would be a class without a name.
  const labelled = folders.length > 0 ? read.filter(({ folder }) => folder !== undefined) : read;
  if (folders.length > MOST_CLASSES) {
    throw new DataError(`${folders.length} subfolders; at most ${MOST_CLASSES} classes are possible.`);
  }
  const coloured = labelled.some(({ pixels }) => isColoured({ width: side, height: side, channels: 3, data: pixels }));
  const channels = coloured ? 3 : 1;
  const images = new Uint8Array(labelled.length * channels * side * side);
  labelled.forEach(({ pixels }, i) => {
    const image = coloured ? planar(pixels, 3) : pixels.filter((_, at) => at % 3 === 0);
    images.set(image, i * channels * side * side);
  });
  const labels = Uint8Array.from(labelled, ({ folder }) => (folder === undefined ? 0 : folders.indexOf(folder)));
  return createDataset(
    { shape: [labelled.length, channels, side, side], data: images },
    { shape: [labelled.length], data: labels },
    `${labelled.length} pictures opened in the page`,
    Math.max(1, folders.length),
    folders.length > 0 ? folders : undefined,
  );
}
