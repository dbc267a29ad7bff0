export { DiffusionImage, defineDiffusionImage } from '../element/diffusion-image.js';
