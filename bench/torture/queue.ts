import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tortureQueue } from '../../packages/cli/test/queue/queue-torture.js';
import { serverKinds } from '../../packages/cli/test/queue/test-servers.js';
import type { Outcome, TortureOptions } from './outcome.js';

const WORKERS = 2;
/** Of each sweep: evaluations in two shards, trainings of ten checkpoints. */
const PLAN = { steps: 60, axes: ['train.schedule: [linear, cosine]'], count: 520 };

/** Sweeps under faults over each kind of server; see `tortureQueue` beside its tests. @param faults of all kinds together */
export async function tortureQueues({ seed, progress }: TortureOptions, faults: number): Promise<Outcome> {
  const results: Outcome[] = [];
  const each = Math.ceil(faults / serverKinds.length);
  const folder = mkdtempSync(join(tmpdir(), 'torture-queue-'));
  try {
    for (const kind of serverKinds) {
      const result = await tortureQueue(folder, kind, {
        ...{ seed, faults: each, workers: WORKERS, plan: PLAN },
        onFault: (done, what) => {
          progress.update(done, each, `${kind.name}: ${what}`);
        },
      });
      const counts = [...result.counts].map(([what, count]) => `${count} ${what}`).join(', ');
      results.push({ ...result, figures: [`${kind.name}: ${result.sweeps} sweeps in ${result.runs} runs; ${counts}`] });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    faults: results.reduce((sum, result) => sum + result.faults, 0),
    failures: results.flatMap(({ failures }) => failures),
    figures: results.flatMap(({ figures }) => figures),
  };
}
