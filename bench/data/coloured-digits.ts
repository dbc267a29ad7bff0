import type { Dataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { RandomStream } from '../../packages/ts-diffusion/src/utils/random.js';

/** Height and width of a coloured digit. */
export const SIZE = 32;
/** Pixels around a digit of 28×28. */
const MARGIN = 2;
/** Least difference of luminance, 0..255, between a digit and each colour of its background. */
const CONTRAST = 70;

type Colour = readonly [red: number, green: number, blue: number];
/** The share, 0..1, of the background's second colour at a pixel. */
type Texture = (x: number, y: number) => number;

const makers = { gradient, stripes, checks, dots, clouds } as const satisfies Record<
  string,
  (random: RandomStream) => Texture
>;

export type TextureName = keyof typeof makers;
export const TEXTURES = Object.keys(makers) as readonly TextureName[];

/**
 * A digit of a grey data set in a random colour on a random texture of two other colours, as RGB planes [3, 32, 32], 0..255.
 * It depends on (seed, index, textures) alone.
 *
 * @param dataset of 28×28 grey images
 * @param textures to choose from, with equal chances
 */
export function colouredDigit(dataset: Dataset, index: number, seed: number, textures = TEXTURES): Uint8Array {
  const random = new RandomStream(seed, index);
  const ink = colour(random);
  const grounds = [0, 1].map(() => differentFrom(ink, random));
  const texture = makers[textures[random.integer(textures.length)] as TextureName](random);
  const side = SIZE - 2 * MARGIN;
  const image = new Uint8Array(3 * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [column, row] = [x - MARGIN, y - MARGIN];
      const inside = column >= 0 && column < side && row >= 0 && row < side;
      const opacity = inside ? (dataset.images[(index * side + row) * side + column] as number) / 255 : 0;
      const second = texture(x, y);
      for (let channel = 0; channel < 3; channel++) {
        const [a, b] = grounds.map((ground) => ground[channel] as number) as [number, number];
        const ground = a + second * (b - a);
        image[(channel * SIZE + y) * SIZE + x] = Math.round(ground + opacity * ((ink[channel] as number) - ground));
      }
    }
  }
  return image;
}

function colour(random: RandomStream): Colour {
  return [random.integer(256), random.integer(256), random.integer(256)];
}

function differentFrom(ink: Colour, random: RandomStream): Colour {
  for (;;) {
    const ground = colour(random);
    if (Math.abs(luminance(ground) - luminance(ink)) >= CONTRAST) return ground;
  }
}

/** Of ITU-R BT.601. */
function luminance([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** The distance along a random direction, in pixels. */
function along(random: RandomStream): (x: number, y: number) => number {
  const angle = 2 * Math.PI * random.uniform();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const middle = (SIZE - 1) / 2;
  return (x, y) => (x - middle) * cos + (y - middle) * sin;
}

function gradient(random: RandomStream): Texture {
  const distance = along(random);
  return (x, y) => Math.min(1, Math.max(0, 0.5 + distance(x, y) / SIZE));
}

function stripes(random: RandomStream): Texture {
  const distance = along(random);
  const period = 4 + 8 * random.uniform();
  const phase = 2 * Math.PI * random.uniform();
  return (x, y) => 0.5 + 0.5 * Math.sin((2 * Math.PI * distance(x, y)) / period + phase);
}

function checks(random: RandomStream): Texture {
  const cell = 3 + random.integer(6);
  const [left, top] = [random.integer(cell), random.integer(cell)];
  return (x, y) => (Math.floor((x + left) / cell) + Math.floor((y + top) / cell)) % 2;
}

function dots(random: RandomStream): Texture {
  const cell = 5 + random.integer(5);
  const radius = cell * (0.2 + 0.2 * random.uniform());
  const [left, top] = [random.integer(cell), random.integer(cell)];
  const offset = (at: number): number => (at % cell) - (cell - 1) / 2;
  // One pixel of anti-aliasing.
  return (x, y) => Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(offset(x + left), offset(y + top))));
}

/** Random values on a coarse grid, interpolated smoothly (value noise). */
function clouds(random: RandomStream): Texture {
  const cells = 3 + random.integer(4);
  const side = cells + 1;
  const values = Float32Array.from({ length: side * side }, () => random.uniform());
  const at = (row: number, column: number): number => values[row * side + column] as number;
  const smooth = (t: number): number => t * t * (3 - 2 * t);
  return (x, y) => {
    const [u, v] = [(x / SIZE) * cells, (y / SIZE) * cells];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [smooth(u - column), smooth(v - row)];
    const upper = at(row, column) + s * (at(row, column + 1) - at(row, column));
    const lower = at(row + 1, column) + s * (at(row + 1, column + 1) - at(row + 1, column));
    return upper + t * (lower - upper);
  };
}
