import { ConfigError } from 'ts-diffusion/errors';
import { defaultThreads } from 'ts-diffusion/node';

/**
 * Threads of each of some children that run at once. Always the same in a sweep, also for the last ones: other threads sum in another
 * order, and results would differ in their last bits.
 *
 * @param all of all together; 0: one per core, and at least one of each
 * @throws ConfigError where there are fewer threads than jobs, each of which takes one
 */
export function threadsOfEach(all: number, jobs: number): number {
  if (all > 0 && all < jobs) {
    throw new ConfigError(
      `--threads ${all} is fewer than --jobs ${jobs}, and each job takes a thread; give at most --jobs ${all}, or at least --threads ${jobs}.`,
    );
  }
  return Math.max(1, Math.floor((all === 0 ? defaultThreads() : all) / jobs));
}
