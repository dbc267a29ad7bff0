import type { Runtime } from '../../packages/ts-diffusion/src/runtime/types.js';
import { say } from '../support/report.js';
import { createSession, stepper, TRAIN_BATCH } from '../support/workload.js';

const MARK_EVERY = 100;

/** Resident memory of the process while it trains, and its growth since the first mark. */
export async function benchmarkMemory(runtime: Runtime, steps: number): Promise<void> {
  const session = await createSession(runtime);
  const oneStep = stepper(session);
  say(`\n## Resident memory while training, batch ${TRAIN_BATCH}\n`);
  let first: number | undefined;
  for (let step = 1; step <= steps; step++) {
    await oneStep();
    if (step % MARK_EVERY !== 0) continue;
    const resident = process.memoryUsage.rss();
    first ??= resident;
    say(
      `- after step ${step}: ${(resident / 1e6).toFixed(1)} MB, growth ${(100 * (resident / first - 1)).toFixed(2)} %`,
    );
  }
  await session.dispose();
}
