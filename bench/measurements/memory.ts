import type { Runtime } from '../../src/runtime/types.js';
import { say } from '../support/report.js';
import { createSession, stepper, TRAIN_BATCH } from '../support/workload.js';

/** Resident memory of the process while it trains. */
export async function benchmarkMemory(runtime: Runtime, steps: number): Promise<void> {
  const session = await createSession(runtime);
  const oneStep = stepper(session);
  const resident: Record<number, number> = {};
  for (let step = 1; step <= steps; step++) {
    await oneStep();
    if (step === 100 || step === steps) resident[step] = process.memoryUsage().rss / 1e6;
  }
  await session.dispose();
  say(`\n## Resident memory while training, batch ${TRAIN_BATCH}\n`);
  for (const [step, megabytes] of Object.entries(resident)) say(`- after step ${step}: ${megabytes.toFixed(0)} MB`);
  const [first = NaN, last = NaN] = Object.values(resident);
  say(`- growth: ${(100 * (last / first - 1)).toFixed(2)} %`);
}
