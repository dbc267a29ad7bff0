import { ConfigError } from '../utils/errors.js';

/** How often sampling goes back to noisier timesteps. */
export interface Resampling {
  /** Positions of the list of timesteps to go back at a time. */
  readonly jump: number;
  /** How often each stretch of `jump` positions is walked; 1 is plain sampling. */
  readonly times: number;
}

/**
 * The timesteps in the order of visit: the given ones and 0, and with resampling, wherever a multiple of `jump` positions is
 * left to go, `jump` positions up and down again, `times` - 1 times (Lugmayr et al. 2022, RePaint, appendix B).
 *
 * @param timesteps decreasing
 * @throws ConfigError unless jump and times are positive integers
 */
export function resamplingWalk(timesteps: readonly number[], resampling?: Resampling): number[] {
  const descent = [...timesteps, 0];
  if (resampling === undefined) return descent;
  const { jump, times } = resampling;
  if (![jump, times].every((value) => Number.isInteger(value) && value >= 1)) {
    throw new ConfigError(
      `Resampling needs jump and times to be positive integers, got jump ${jump} and times ${times}.`,
    );
  }
  const start = timesteps.length;
  const timestepAt = (left: number) => descent[start - left] as number;
  const jumpsDone = new Map<number, number>();
  const walk = [timestepAt(start)];
  for (let left = start - 1; left >= 0; left--) {
    walk.push(timestepAt(left));
    const done = jumpsDone.get(left) ?? 0;
    if (left % jump === 0 && left + jump < start && done < times - 1) {
      jumpsDone.set(left, done + 1);
      left += jump;
      walk.push(timestepAt(left));
    }
  }
  return walk;
}
