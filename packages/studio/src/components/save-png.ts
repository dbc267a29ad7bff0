import { imageGrid, planar } from 'ts-diffusion/images';
import { canvasImage } from './tile.js';

/** Screen pixels per pixel of a saved picture. */
const SCALE = 8;

/** The shape of every image: square. */
export interface ImageShape {
  readonly side: number;
  readonly channels: number;
}

/**
 * Offers images as one PNG to save.
 *
 * @param images [N, channels, side, side], 0..255
 */
export function savePng(images: Uint8Array, { side, channels }: ImageShape, columns: number, name: string): void {
  const { data, width, height } = imageGrid(images, { width: side, height: side, channels }, columns);
  const small = canvasOf(width, height);
  small.getContext('2d')?.putImageData(canvasImage(planar(data, channels), width, height), 0, 0);
  const large = canvasOf(SCALE * width, SCALE * height);
  const context = large.getContext('2d');
  if (context) {
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, large.width, large.height);
  }
  large.toBlob((blob) => {
    if (blob) saveFile(blob, name);
  });
}

/** Offers a file to save. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  // The download has begun by then; an address given back at once would break it in some browsers.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

function canvasOf(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement('canvas'), { width, height });
}
