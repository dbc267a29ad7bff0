import type { RandomStream } from '../utils/random.js';

/** How far an image may be distorted, in ways that leave it what it was. */
export interface Distortion {
  /** Largest shift along each axis, in pixels. */
  readonly shift: number;
  /** Largest rotation to either side, in degrees. */
  readonly rotation: number;
  /** Largest change of width, of height, and of slant, as a fraction. */
  readonly stretch: number;
  /** Standard deviation of the bends of a 4×4 grid of points laid over the image, in pixels (Simard et al. 2003). */
  readonly bend: number;
  /** What lies beyond the edge: `black` (default), or what is `nearest` to it in the image. */
  readonly beyond?: 'black' | 'nearest';
}

/** Points of the bending grid along each side. */
const GRID = 4;

/**
 * Draws a distorted copy of an image: an affine map about the centre and a smooth bend, sampled bilinearly.
 *
 * @param image planar, [channels, size, size], 0..255
 * @param out [channels, size, size], 0..255, not rounded
 */
export function distort(
  image: Uint8Array,
  size: number,
  { shift, rotation, stretch, bend, beyond = 'black' }: Distortion,
  random: RandomStream,
  out: Float32Array,
): void {
  const within = (bound: number): number => bound * (2 * random.uniform() - 1);
  const angle = (within(rotation) * Math.PI) / 180;
  const [width, height, slant] = [1 + within(stretch), 1 + within(stretch), within(stretch)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // Source offset from the centre = rotation · [[width, slant], [0, height]] · offset of the pixel drawn.
  const [xx, xy] = [cos * width, cos * slant - sin * height];
  const [yx, yy] = [sin * width, sin * slant + cos * height];
  const [shiftX, shiftY] = [within(shift), within(shift)];
  const bends = new Float32Array(2 * GRID * GRID);
  random.fillNormal(bends);

  const plane = size * size;
  const pixels = Float32Array.from(image);
  const [bendX, bendY] = [bends.subarray(0, GRID * GRID), bends.subarray(GRID * GRID)];
  const centre = (size - 1) / 2;
  const gridScale = (GRID - 1) / (size - 1);
  const inside = beyond === 'black' ? (at: number): number => at : (at: number): number => clamp(at, size - 1);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const dx = x - centre;
      const dy = y - centre;
      const sourceX = centre + shiftX + xx * dx + xy * dy + bend * bilinear(bendX, GRID, x * gridScale, y * gridScale);
      const sourceY = centre + shiftY + yx * dx + yy * dy + bend * bilinear(bendY, GRID, x * gridScale, y * gridScale);
      for (let first = 0; first < pixels.length; first += plane) {
        out[first + y * size + x] = bilinear(pixels, size, inside(sourceX), inside(sourceY), first);
      }
    }
  }
}

const clamp = (at: number, last: number): number => Math.min(Math.max(at, 0), last);

/** The value at (x, y) of a square of `size` × `size` values from the one at `first` on; beyond its edges lie zeros. */
function bilinear(values: Float32Array, size: number, x: number, y: number, first = 0): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const bottom = y - top;
  const upper = (1 - right) * at(values, size, left, top, first) + right * at(values, size, left + 1, top, first);
  const lower =
    (1 - right) * at(values, size, left, top + 1, first) + right * at(values, size, left + 1, top + 1, first);
  return (1 - bottom) * upper + bottom * lower;
}

function at(values: Float32Array, size: number, column: number, row: number, first: number): number {
  return column < 0 || row < 0 || column >= size || row >= size ? 0 : (values[first + row * size + column] as number);
}
