import type { NoiseSchedule } from '../diffusion/noise-schedule.js';
import { spacedTimesteps } from '../diffusion/timestep-spacing.js';

/** Where an image of the student's training is on its way from noise. */
export interface WalkPlace {
  /** The timestep that the student predicts from. */
  readonly timestep: number;
  /** Whether the image begins anew, from noise, or goes on from what the student drew the time before. */
  readonly begins: boolean;
}

/**
 * The places of the images that the student is trained on, in a cycle: all steps of drawing in as many steps as the first count, then of
 * the second, and so on. Training at the places in order shows the student its own images on the way, as drawing will (the backward
 * simulation of Yin et al. 2024b, section 4.5), without drawing them again.
 *
 * @param stepCounts in how many steps the student is to draw, e.g. 1, 2, 4
 */
export function studentWalk(schedule: NoiseSchedule, stepCounts: readonly number[]): readonly WalkPlace[] {
  return stepCounts.flatMap((count) =>
    spacedTimesteps(schedule, count, 'trailing').map((timestep, i) => ({ timestep, begins: i === 0 })),
  );
}
