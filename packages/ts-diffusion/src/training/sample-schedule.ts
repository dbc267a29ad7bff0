import { count, options, signature } from '../utils/arguments.js';
/** Whether something that is done every `every` steps (0: never) is due after `step` steps. */
export function isEvery(every: number, step: number): boolean {
  return every > 0 && step > 0 && step % every === 0;
}

/** Whether a sample grid of the weights after `step` steps is due. */
export function isDue({ sampleEvery }: { readonly sampleEvery: number }, step: number): boolean {
  return isEvery(sampleEvery, step);
}

const dueStepsArguments = signature('dueSteps', { config: options({ sampleEvery: count }), step: count });

/** The steps up to `step` at which sample grids were due, first to last. */
export function dueSteps(config: { readonly sampleEvery: number }, step: number): number[] {
  dueStepsArguments({ config, step });
  const { sampleEvery } = config;
  const count = sampleEvery > 0 ? Math.floor(step / sampleEvery) : 0;
  return Array.from({ length: count }, (_, i) => (i + 1) * sampleEvery);
}
