import type { Dataset } from 'ts-diffusion/data';
import {
  createNoiseSchedule,
  evenlySpacedTimesteps,
  noiseScheduleNames,
  NoiseSource,
  noisingFigure,
} from 'ts-diffusion/diffusion';
import { toBytes, toModelRange } from 'ts-diffusion/images';
import type { Point } from '../../components/line-chart.js';

export { noiseScheduleNames };

export interface NoisedRow {
  readonly schedule: string;
  readonly timesteps: readonly number[];
  /** x_t for each timestep, as bytes. */
  readonly images: readonly Uint8Array[];
}

/** The image of a digit: the nth of its kind. */
export function exampleOf({ images, labels, height, width }: Dataset, digit: number, nth: number): Uint8Array {
  const pixels = height * width;
  const ofDigit = Array.from(labels.keys()).filter((i) => labels[i] === digit);
  const index = ofDigit[nth % ofDigit.length] ?? 0;
  return images.subarray(index * pixels, (index + 1) * pixels);
}

/** Figure 1: the image at each timestep under each schedule, always with the same noise. */
export function noisedRows(image: Uint8Array, seed: number, T: number, timesteps: readonly number[]): NoisedRow[] {
  const schedules = noiseScheduleNames.map((name) => createNoiseSchedule(name, T));
  const noise = new NoiseSource(seed, 0, 1, image.length).next();
  return noisingFigure(schedules, toModelRange(image), noise, timesteps).map(({ schedule, images }) => ({
    schedule,
    timesteps,
    images: images.map(toBytes),
  }));
}

/** Timesteps from the clean image to noise. */
export const columnsOf = (T: number, count: number): number[] => evenlySpacedTimesteps(T, count, 0).reverse();

const CURVE_POINTS = 200;

/** SNR(t) = ᾱ_t / (1 - ᾱ_t) over t, of every schedule. */
export function signalToNoiseCurves(T: number): Point[][] {
  const timesteps = evenlySpacedTimesteps(T, Math.min(T, CURVE_POINTS));
  return noiseScheduleNames.map((schedule) => {
    const { alphasCumprod } = createNoiseSchedule(schedule, T);
    return timesteps.map((t): Point => {
      const kept = alphasCumprod[t - 1] ?? 0;
      return [t, kept / (1 - kept)];
    });
  });
}
