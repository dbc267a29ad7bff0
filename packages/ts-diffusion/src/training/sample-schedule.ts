import { count, options, signature } from '../utils/arguments.js';
import { nextSync } from './replica-config.js';

/**
 * Whether something that is done every `every` steps (0: never) is due after `step` steps.
 *
 * @param since the steps taken when it was last asked
 */
export function isEvery(every: number, step: number, since = step - 1): boolean {
  return every > 0 && step > 0 && Math.floor(step / every) > Math.floor(since / every);
}

/** Whether a sample grid of the weights after `step` steps is due. */
export function isDue({ sampleEvery }: { readonly sampleEvery: number }, step: number, since = step - 1): boolean {
  return isEvery(sampleEvery, step, since);
}

const dueStepsArguments = signature('dueSteps', { config: options({ sampleEvery: count }), step: count });

/** The steps up to `step` at which sample grids were due, first to last; of replicas, those at which they were averaged. */
export function dueSteps(
  config: { readonly sampleEvery: number } & Partial<Parameters<typeof nextSync>[0]>,
  step: number,
): number[] {
  dueStepsArguments({ config, step });
  const { sampleEvery, syncEvery, steps = step } = config;
  const count = sampleEvery > 0 ? Math.floor(step / sampleEvery) : 0;
  const due = Array.from({ length: count }, (_, i) => nextSync({ steps, syncEvery }, (i + 1) * sampleEvery - 1));
  return [...new Set(due)].filter((each) => each <= step);
}
