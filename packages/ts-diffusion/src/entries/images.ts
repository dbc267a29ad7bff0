/**
 * Makes pictures of images: grids, film strips, animations, PNG and GIF files.
 *
 * @module ts-diffusion/images
 */
export { isColoured, onBlack, type Picture, pictureExtension, transparency } from '../formats/picture.js';
export { ImageAnimation } from '../pipeline/animation.js';
export { FilmStrip } from '../pipeline/film-strip.js';
export { enlarge } from '../utils/enlarge.js';
export { type GifFrame, encodeGif } from '../utils/gif.js';
export { type ImageSize, imageGrid, type RasterImage } from '../utils/image-grid.js';
export { type Channels, interleaved, planar } from '../utils/interleaved.js';
export { toBytes, toModelRange } from '../utils/pixel-range.js';
export { toRgba } from '../utils/rgba.js';
export { encodePng } from '../utils/png.js';
