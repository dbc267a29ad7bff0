import { DataError } from '../utils/errors.js';
import { toBytes } from '../utils/pixel-range.js';
import { bytes, options, positiveCount, signature } from '../utils/arguments.js';

/** Grey levels of 8 bits. */
export const LEVELS = 256;

/**
 * What the grey levels that a network draws become: for each channel the new level, 0..255, of each level 0..255, never decreasing. A
 * network predicts the mean of what an image may be, so that it draws an empty background as levels 1 to 3 and full ink a little too dark.
 * The curve gives samples the grey levels of real images and changes no shape.
 */
export type ToneCurve = readonly Uint8Array[];

/** Planar images of 8 bits, [N, C, H, W]. */
export interface LevelImages {
  readonly images: Uint8Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const levelImages = options({ images: bytes, channels: positiveCount, height: positiveCount, width: positiveCount });
const fitToneCurveArguments = signature('fitToneCurve', { drawn: levelImages, real: levelImages });

/**
 * The curve by which drawn images get the grey levels of real ones, in each channel: histogram matching (Gonzalez & Woods, "Digital Image
 * Processing", section 3.3). A level whose middle is the q-quantile of the drawn pixels becomes the q-quantile of the real ones.
 *
 * @throws DataError where there are no images, or the two differ in channels
 */
export function fitToneCurve(drawn: LevelImages, real: LevelImages): ToneCurve {
  fitToneCurveArguments({ drawn, real });
  if (drawn.channels !== real.channels) {
    throw new DataError(`The drawn images have ${drawn.channels} channels and the real ones ${real.channels}.`);
  }
  return Array.from({ length: drawn.channels }, (_, channel) => {
    const [below, realBelow] = [cumulative(drawn, channel), cumulative(real, channel)];
    let to = 0;
    return Uint8Array.from({ length: LEVELS }, (_, level) => {
      const middle = ((below[level - 1] ?? 0) + (below[level] as number)) / 2;
      while (to < LEVELS - 1 && (realBelow[to] as number) < middle) to++;
      return to;
    });
  });
}

/**
 * Images with the grey levels that a curve gives them: exactly those of 8 bits.
 *
 * @param x [B, C, H, W] in model range
 * @param imageSize H = W
 */
export function withToneCurve(x: Float32Array, curve: ToneCurve, imageSize: number): Float32Array {
  const area = imageSize ** 2;
  return Float32Array.from(toBytes(x), (level, i) => {
    const ofChannel = curve[Math.floor(i / area) % curve.length] as Uint8Array;
    return (ofChannel[level] as number) / 127.5 - 1;
  });
}

/** A curve as JSON, for metadata. */
export function describeToneCurve(curve: ToneCurve): string {
  return JSON.stringify(curve.map((levels) => [...levels]));
}

/**
 * What `describeToneCurve` wrote.
 *
 * @param value parsed JSON
 * @throws Error for anything else
 */
export function readToneCurve(value: unknown, channels: number): ToneCurve {
  const isCurve =
    Array.isArray(value) &&
    value.length === channels &&
    value.every((levels) => Array.isArray(levels) && isAscending(levels));
  if (isCurve) return value.map((levels) => Uint8Array.from(levels as number[]));
  throw new Error(`"toneCurve" is not ${channels} lists of ${LEVELS} grey levels from 0 to 255 that never decrease.`);
}

function isAscending(levels: readonly unknown[]): boolean {
  return (
    levels.length === LEVELS &&
    levels.every((level, i) => {
      const isLevel = Number.isInteger(level) && (level as number) >= 0 && (level as number) < LEVELS;
      return isLevel && (i === 0 || (level as number) >= (levels[i - 1] as number));
    })
  );
}

/** The share of a channel's pixels that are at most of each level. */
function cumulative({ images, channels, height, width }: LevelImages, channel: number): Float64Array {
  const area = height * width;
  const counts = new Float64Array(LEVELS);
  for (let plane = channel * area; plane < images.length; plane += channels * area) {
    for (const level of images.subarray(plane, plane + area)) counts[level] = (counts[level] as number) + 1;
  }
  let total = 0;
  for (let level = 0; level < LEVELS; level++) counts[level] = total += counts[level] as number;
  if (total === 0) throw new DataError('There are no images to take grey levels from.');
  return counts.map((each) => each / total);
}
