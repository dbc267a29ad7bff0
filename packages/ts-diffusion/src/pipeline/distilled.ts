import { NULL_LABEL } from '../diffusion/denoiser.js';
import { spacedTimesteps } from '../diffusion/timestep-spacing.js';
import { ConfigError } from '../utils/errors.js';
import type { DrawableModel } from './drawable-model.js';
import type { ResolvedSampling } from './resolve-sampling.js';

/** The algorithm that a distilled model draws by, and how its timesteps are spread: what it was trained with. */
export const DISTILLED_SAMPLING = { sampler: 'ddpm', spacing: 'trailing' } as const;

/** @param what it cannot do. @throws ConfigError for a distilled model */
export function refuseDistilled({ drawingSteps }: Pick<DrawableModel, 'drawingSteps'>, what: string): void {
  if (drawingSteps === undefined) return;
  throw new ConfigError(
    `This model is distilled to draw from noise in ${either(drawingSteps)} steps and cannot ${what}. Use the model that it was ` +
      'distilled from.',
  );
}

/**
 * Makes sure that a distilled model is asked for nothing that it has not learnt; other models are never refused.
 *
 * @throws ConfigError for an image without a class, another sampler, other timesteps, a guidance weight beyond its range, and changes to guidance
 */
export function checkDistilled(
  { model, schedule, drawingSteps }: Pick<DrawableModel, 'model' | 'schedule' | 'drawingSteps'>,
  sampling: ResolvedSampling,
  labels: Int32Array,
): void {
  const { largestGuidanceWeight: largest } = model;
  const { guidanceWeight, guidanceInterval, guidanceRescale, sampler, timesteps } = sampling;
  if (largest !== undefined && guidanceWeight > largest) {
    throw new ConfigError(
      `This model is distilled and takes a guidance weight omega from 0 to ${largest}, got ${guidanceWeight}.`,
    );
  }
  if (largest !== undefined && (guidanceInterval !== undefined || guidanceRescale > 0)) {
    throw new ConfigError(
      'This model is distilled and guided in one evaluation: its guidance has neither an interval nor a rescale.',
    );
  }
  if (drawingSteps === undefined) return;
  if (labels.includes(NULL_LABEL)) {
    throw new ConfigError('This model is distilled and draws images of a class only: give each a label.');
  }
  const { sampler: name, spacing } = DISTILLED_SAMPLING;
  const learnt = drawingSteps.map((count) => spacedTimesteps(schedule, count, spacing).join());
  if (sampler.name === name && learnt.includes(timesteps.join())) return;
  throw new ConfigError(
    `This model is distilled to draw from noise in ${either(drawingSteps)} steps by the sampler ${name} with ${spacing} spacing; ` +
      'it draws in no other way. Use the model that it was distilled from.',
  );
}

/** `1, 2 or 4`. */
function either(counts: readonly number[]): string {
  const last = counts.at(-1) ?? '';
  return counts.length > 1 ? `${counts.slice(0, -1).join(', ')} or ${last}` : String(last);
}
