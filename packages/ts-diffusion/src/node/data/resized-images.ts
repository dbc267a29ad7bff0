import { createDataset, imageLength, type Dataset } from '../../data/dataset.js';
import type { PictureOptions } from '../../data/picture-options.js';
import { interleaved, planar, type Channels } from '../../utils/interleaved.js';
import { onBlack } from '../../formats/picture.js';
import { resizePixels } from '../formats/resize-picture.js';

/**
 * Images of a data set file as pictures would become them: of the size and in the channels that are asked for. Without wishes they
 * stay as they are.
 */
export async function resizedImages(dataset: Dataset, options: PictureOptions): Promise<Dataset> {
  const { height, width, channels: own = 1, count } = dataset;
  const { imageSize, color = 'auto' } = options;
  const channels = color === 'auto' ? own : color === 'gray' ? 1 : 3;
  const isSized = imageSize === undefined || (imageSize === height && imageSize === width);
  if (isSized && channels === own) return dataset;
  const [toHeight, toWidth] = isSized ? [height, width] : [imageSize, imageSize];
  const length = imageLength(dataset);
  const images = new Uint8Array(count * channels * toHeight * toWidth);
  for (let i = 0; i < count; i++) {
    const data = interleaved(dataset.images.subarray(i * length, (i + 1) * length), own);
    const picture = { width, height, channels: own as Channels, data };
    const resized = isSized ? picture : await resizePixels(picture, imageSize, options);
    const pixels = channels === own ? resized.data : onBlack(resized, channels === 1 ? 1 : 3);
    images.set(planar(pixels, channels), i * channels * toHeight * toWidth);
  }
  const shape = channels === 1 ? [count, toHeight, toWidth] : [count, channels, toHeight, toWidth];
  const labels = { shape: [count], data: dataset.labels };
  return createDataset({ shape, data: images }, labels, dataset.source, dataset.classes, dataset.classNames);
}
