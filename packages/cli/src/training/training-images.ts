import type { TrainingImages } from 'ts-diffusion/data';
import { openImages } from 'ts-diffusion/node';
import { pictureOptions, type TrainConfig } from 'ts-diffusion/train';
import { withPictureProgress } from '../output/picture-progress.js';

/**
 * Opens the images that a configuration names, showing the progress of decoding pictures.
 *
 * @returns undefined when the signal was aborted meanwhile
 * @throws DataError where there are none, or they cannot be read
 */
export async function openTrainingImages(
  config: TrainConfig,
  signal: AbortSignal,
): Promise<TrainingImages | undefined> {
  const { data: directory, offline } = config;
  const pictures = pictureOptions(config);
  try {
    const wanted = { split: 'train', directory, offline, pictures, signal } as const;
    return await withPictureProgress((reports) => openImages({ ...wanted, ...reports }));
  } catch (error) {
    if (signal.aborted && (error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}
