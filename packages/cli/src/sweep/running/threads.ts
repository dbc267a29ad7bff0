import { defaultThreads } from 'ts-diffusion/node';

/**
 * Threads of each of some children that run at once. Always the same in a sweep, also for the last ones: other threads sum in another
 * order, and results would differ in their last bits.
 *
 * @param all of all together; 0: one per core
 */
export function threadsOfEach(all: number, jobs: number): number {
  return Math.max(1, Math.floor((all === 0 ? defaultThreads() : all) / jobs));
}
