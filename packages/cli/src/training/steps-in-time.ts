import { createNodeRuntime } from 'ts-diffusion/node';
import type { TrainConfig } from 'ts-diffusion/train';
import { measureTrainingStep } from '../sweep/cost/measure-speed.js';

/** Of the time limit: a machine that slows down a little still comes to the last step. */
const PLANNED_SHARE = 0.85;
/** Below this, a learning rate that falls to zero ends before there are digits. */
const LEAST_STEPS = 300;

/**
 * The configuration with as many steps, at most its own, as this machine takes within its time limit, measured in some
 * steps. A learning rate that decays to zero at the last step is worth more than the steps that the limit would cut off; and
 * a run whose number of steps is in its configuration is resumed exactly.
 *
 * @returns undefined when the signal was aborted meanwhile
 */
export async function withStepsInTime(config: TrainConfig, signal: AbortSignal): Promise<TrainConfig | undefined> {
  if (config.maxMinutes === 0) return config;
  try {
    const milliseconds = await measureTrainingStep({ config }, await createNodeRuntime(config), signal);
    return { ...config, steps: stepsWithin(config, milliseconds) };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}

/** @param milliseconds of a step */
export function stepsWithin(
  { steps, maxMinutes }: Pick<TrainConfig, 'steps' | 'maxMinutes'>,
  milliseconds: number,
): number {
  const affordable = Math.floor((PLANNED_SHARE * 60_000 * maxMinutes) / milliseconds);
  return Math.min(steps, Math.max(LEAST_STEPS, affordable));
}
