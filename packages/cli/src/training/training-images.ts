import type { TrainingImages } from 'ts-diffusion/data';
import { openImages, openValidation } from 'ts-diffusion/node';
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

/** The data set's own validation images, where the configuration does not ask for others. */
export async function openOwnValidation(
  config: TrainConfig,
  dataset: TrainingImages,
  signal: AbortSignal,
): Promise<TrainingImages | undefined> {
  if (config.validation !== undefined) return undefined;
  const { data: directory, offline } = config;
  const wanted = { split: 'train', directory, offline, pictures: pictureOptions(config), signal } as const;
  try {
    return await withPictureProgress((reports) => openValidation(dataset, { ...wanted, ...reports }));
  } catch (error) {
    // The training then ends before its first step.
    if (signal.aborted && (error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}
