import { distort } from '../../packages/ts-diffusion/src/data/distortion.js';
import type { Dataset } from '../../packages/ts-diffusion/src/data/dataset.js';
import { Purpose, RandomStream } from '../../packages/ts-diffusion/src/utils/random.js';

/** A way in which generated digits can be worse than real ones, at several levels from hardly visible to plain. */
export interface Degradation {
  readonly name: string;
  /** What a level means. */
  readonly unit: string;
  readonly levels: readonly number[];
  /** The images [N, 28, 28], 0..255, at a level; from (seed, image) alone. */
  readonly apply: (digits: Dataset, level: number, seed: number) => Uint8Array;
}

const SIZE = 28;
const PIXELS = SIZE * SIZE;

type Image = Float32Array; // [28, 28], 0..255

/** Degrades every image on its own. */
function perImage(change: (image: Image, level: number, random: RandomStream) => Image): Degradation['apply'] {
  return ({ images, count }, level, seed) => {
    const out = new Uint8ClampedArray(images.length);
    for (let i = 0; i < count; i++) {
      const image = Float32Array.from(images.subarray(i * PIXELS, (i + 1) * PIXELS));
      out.set(change(image, level, new RandomStream(seed, Purpose.degradation, i)), i * PIXELS);
    }
    return new Uint8Array(out.buffer);
  };
}

/** The images of the given rows, any of them as often as it is named. */
export function selectImages({ images }: Dataset, rows: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(rows.length * PIXELS);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] as number;
    out.set(images.subarray(from * PIXELS, (from + 1) * PIXELS), i * PIXELS);
  }
  return out;
}

const at = (image: Image, x: number, y: number): number =>
  x < 0 || y < 0 || x >= SIZE || y >= SIZE ? 0 : (image[y * SIZE + x] as number);

/** Each pixel from its neighbourhood. */
const mapPixels = (value: (x: number, y: number) => number): Image =>
  Float32Array.from({ length: PIXELS }, (_, i) => value(i % SIZE, Math.floor(i / SIZE)));

function blur(image: Image, sigma: number): Image {
  const reach = Math.ceil(3 * sigma);
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const weights = offsets.map((offset) => Math.exp(-(offset ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const along = (source: Image, dx: number, dy: number): Image =>
    mapPixels((x, y) =>
      offsets.reduce((sum, o, i) => sum + ((weights[i] as number) / total) * at(source, x + o * dx, y + o * dy), 0),
    );
  return along(along(image, 1, 0), 0, 1);
}

/** Each pixel moved towards the least or greatest of itself and its four neighbours. */
function thicken(image: Image, share: number, extreme: (...values: number[]) => number): Image {
  return mapPixels((x, y) => {
    const here = at(image, x, y);
    const around = extreme(here, at(image, x - 1, y), at(image, x + 1, y), at(image, x, y - 1), at(image, x, y + 1));
    return here + share * (around - here);
  });
}

function addNoise(image: Image, sigma: number, random: RandomStream): Image {
  const noise = new Float32Array(PIXELS);
  random.fillNormal(noise);
  return image.map((value, i) => value + sigma * (noise[i] as number));
}

/** A black square around a pixel of the stroke. */
function breakStroke(image: Image, side: number, random: RandomStream): Image {
  const stroke = Array.from(image.keys()).filter((i) => (image[i] as number) > 127);
  const centre = stroke[random.integer(Math.max(1, stroke.length))] ?? 0;
  const left = (centre % SIZE) - (side - 1) / 2;
  const top = Math.floor(centre / SIZE) - (side - 1) / 2;
  return mapPixels((x, y) => (x >= left && x < left + side && y >= top && y < top + side ? 0 : at(image, x, y)));
}

function addSpecks(image: Image, count: number, random: RandomStream): Image {
  for (let i = 0; i < count; i++) image[random.integer(PIXELS)] = 128 + random.integer(128);
  return image;
}

function warp(image: Image, bend: number, random: RandomStream): Image {
  const out = new Float32Array(PIXELS);
  distort(Uint8Array.from(image), SIZE, { shift: 0, rotation: 0, stretch: 0, bend }, random, out);
  return out;
}

/** Every image mixed with the next of its class: two digits at once. */
function mixWithinClass({ images, labels, count }: Dataset, share: number): Uint8Array {
  const previous = new Map<number, number>();
  const out = Uint8Array.from(images);
  for (let i = 0; i < count; i++) {
    const other = previous.get(labels[i] as number);
    previous.set(labels[i] as number, i);
    if (other === undefined) continue;
    for (let p = 0; p < PIXELS; p++) {
      const [mine, theirs] = [images[i * PIXELS + p] as number, images[other * PIXELS + p] as number];
      out[i * PIXELS + p] = Math.round((1 - share) * mine + share * theirs);
    }
  }
  return out;
}

/** Digits 0 to 4 are missing to the given share; others stand in their place. */
function unbalanceClasses(digits: Dataset, share: number, seed: number): Uint8Array {
  const indices = Array.from({ length: digits.count }, (_, i) => i);
  const upper = indices.filter((i) => (digits.labels[i] as number) >= 5);
  const choice = indices.map((i) => {
    const random = new RandomStream(seed, Purpose.degradation, i);
    const missing = (digits.labels[i] as number) < 5 && random.uniform() < share;
    return missing ? (upper[random.integer(upper.length)] as number) : i;
  });
  return selectImages(digits, choice);
}

/** Only the given share of the images, each many times. */
function repeatImages(digits: Dataset, share: number, seed: number): Uint8Array {
  const order = new RandomStream(seed, Purpose.degradation).permutation(digits.count);
  const different = Math.round(share * digits.count);
  return selectImages(
    digits,
    order.map((_, i) => order[i % different] as number),
  );
}

/**
 * The given share of images drawn from the normal distribution with the mean and covariance of the pixels: clouds without
 * any stroke. A standard normal combination of N centred images has exactly their covariance, over √N.
 */
function gaussianClouds({ images, count }: Dataset, share: number, seed: number): Uint8Array {
  const combined = 200;
  const mean = new Float32Array(PIXELS);
  for (let i = 0; i < count * PIXELS; i++)
    mean[i % PIXELS] = (mean[i % PIXELS] as number) + (images[i] as number) / count;
  const out = new Uint8ClampedArray(images);
  for (let i = 0; i < Math.round(share * count); i++) {
    const random = new RandomStream(seed, Purpose.degradation, i);
    const weights = new Float32Array(combined);
    random.fillNormal(weights);
    const cloud = mean.slice();
    for (const weight of weights) {
      const from = random.integer(count) * PIXELS;
      const factor = weight / Math.sqrt(combined);
      for (let p = 0; p < PIXELS; p++) {
        cloud[p] = (cloud[p] as number) + factor * ((images[from + p] as number) - (mean[p] as number));
      }
    }
    out.set(cloud, i * PIXELS);
  }
  return new Uint8Array(out.buffer);
}

export const degradations: readonly Degradation[] = [
  { name: 'blur', unit: 'σ in pixels', levels: [0.3, 0.4, 0.5], apply: perImage(blur) },
  { name: 'noise', unit: 'σ in grey levels', levels: [4, 8, 16], apply: perImage(addNoise) },
  { name: 'specks', unit: 'bright pixels', levels: [1, 2, 4], apply: perImage(addSpecks) },
  {
    name: 'thinner strokes',
    unit: 'share of an erosion',
    levels: [0.1, 0.2, 0.4],
    apply: perImage((image, share) => thicken(image, share, Math.min)),
  },
  {
    name: 'thicker strokes',
    unit: 'share of a dilation',
    levels: [0.1, 0.2, 0.4],
    apply: perImage((image, share) => thicken(image, share, Math.max)),
  },
  {
    name: 'less contrast',
    unit: 'share of white lost',
    levels: [0.05, 0.1, 0.2],
    apply: perImage((image, lost) => image.map((value) => (1 - lost) * value)),
  },
  { name: 'broken strokes', unit: 'side of the gap in pixels', levels: [2, 3, 4], apply: perImage(breakStroke) },
  { name: 'misshapen digits', unit: 'σ of the bend in pixels', levels: [0.5, 1, 1.5], apply: perImage(warp) },
  { name: 'two digits in one', unit: 'share of the other', levels: [0.05, 0.1, 0.2], apply: mixWithinClass },
  { name: 'Gaussian clouds', unit: 'share of images', levels: [0.01, 0.05, 0.2], apply: gaussianClouds },
  { name: 'classes 0-4 missing', unit: 'share', levels: [0.05, 0.1, 0.2], apply: unbalanceClasses },
  { name: 'repeated images', unit: 'share of different ones', levels: [0.5, 0.2, 0.1], apply: repeatImages },
];
