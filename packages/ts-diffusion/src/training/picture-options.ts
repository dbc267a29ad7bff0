import type { PictureOptions } from '../data/picture-options.js';
import { signature } from '../utils/arguments.js';
import { trainConfig } from '../utils/training-shapes.js';
import type { TrainConfig } from './config.js';

const pictureOptionsArguments = signature('pictureOptions', { config: trainConfig });

/** What a training configuration says of pictures. */
export function pictureOptions(config: TrainConfig): PictureOptions {
  pictureOptionsArguments({ config });
  const { imageSize, fit, color, background, skipBroken, labelColumn } = config;
  return { imageSize, fit, color, background, skipBroken, labelColumn };
}
