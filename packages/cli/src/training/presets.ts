import type { TrainPreset } from 'ts-diffusion/train';

/** The preset of a training that names none. */
export const DEFAULT_PRESET: TrainPreset = 'paper';
/** The preset that looks at the images before it chooses. */
export const FOR_IMAGES: TrainPreset = 'images';
