/**
 * The custom element `<diffusion-image>`. Importing this module registers it; in Node.js nothing happens.
 *
 * @module ts-diffusion/element
 */
import { defineDiffusionImage } from '../element/diffusion-image.js';

export { DiffusionImage, type DiffusionImageProgress, defineDiffusionImage } from '../element/diffusion-image.js';
export { type SharedOptions } from '../element/shared-pipelines.js';

defineDiffusionImage();
