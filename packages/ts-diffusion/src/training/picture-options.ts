import type { PictureOptions } from '../data/picture-options.js';
import type { TrainConfig } from './config.js';

/** What a training configuration says of pictures. */
export function pictureOptions({ imageSize, fit, color, background, skipBroken }: TrainConfig): PictureOptions {
  return { imageSize, fit, color, background, skipBroken };
}
