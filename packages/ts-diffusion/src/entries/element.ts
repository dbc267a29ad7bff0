import { defineDiffusionImage } from '../element/diffusion-image.js';

export { DiffusionImage, type DiffusionImageProgress, defineDiffusionImage } from '../element/diffusion-image.js';
export { type SharedOptions } from '../element/shared-pipelines.js';

defineDiffusionImage();
