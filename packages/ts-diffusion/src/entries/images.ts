export { Animation } from '../pipeline/animation.js';
export { FilmStrip } from '../pipeline/film-strip.js';
export { enlarge } from '../utils/enlarge.js';
export { type GifFrame, encodeGif } from '../utils/gif.js';
export { type GrayImage, imageGrid, toBytes } from '../utils/image-grid.js';
export { encodePng } from '../utils/png.js';
