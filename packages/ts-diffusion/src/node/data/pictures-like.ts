import type { TrainingImages } from '../../data/dataset.js';
import type { PictureOptions } from '../../data/picture-options.js';
import { imagesOfSize } from '../../utils/argument-shapes.js';
import { signature } from '../../utils/arguments.js';

const picturesLikeArguments = signature('picturesLike', { images: imagesOfSize });

/**
 * What the pictures of another split are to become to be like these images, whose size and colours may have been chosen automatically.
 * Options that no pictures can have, of images that are no squares or have transparency, are left out.
 */
export function picturesLike(images: TrainingImages): Pick<PictureOptions, 'imageSize' | 'color'> {
  picturesLikeArguments({ images });
  const { width, height, channels = 1 } = images;
  return {
    ...(width === height && { imageSize: height }),
    ...(channels === 1 && { color: 'gray' }),
    ...(channels === 3 && { color: 'rgb' }),
  };
}
