import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCli, startWorker } from '../../packages/cli/test/queue/queue-processes.js';
import type { TestServer } from '../../packages/cli/test/queue/test-servers.js';
import { say, table } from '../support/report.js';
import { alternate, summarise, timed } from '../support/statistics.js';

const PROCESS = 'one process of two threads';
const WORKERS = 'two workers of one thread';

/** What is measured; the workers divide evaluations into shards as the program does by default. */
interface Workload {
  readonly title: string;
  readonly plan: string;
}

const drawing = (images: number): Workload => ({
  title: `Drawing: ${images.toLocaleString('en')} digits of \`modern\``,
  plan: `title: Drawing
base: { model: modern }
evaluate: { count: ${images}, bootstrap: 2 }
scores: [frechet]
axes:
  sample.guidanceWeight: [0.3]
`,
});

const training = (steps: number): Workload => ({
  title: `A sweep: four trainings of \`quick\` for ${steps} steps, 500 digits of each`,
  plan: `title: Trainings
base: { preset: quick }
train: { data: embedded, steps: ${steps} }
sample: { samplingSteps: 10 }
evaluate: { count: 500, bootstrap: 2 }
scores: [frechet]
axes:
  train.seed: [0, 1, 2, 3]
`,
});

/** A sweep by two workers of one thread beside one process of two, through a queue at `server`. */
export async function measureThroughput(
  root: string,
  server: TestServer,
  { images, steps, rounds }: { readonly images: number; readonly steps: number; readonly rounds: number },
): Promise<void> {
  for (const { title, plan } of [drawing(images), training(steps)]) {
    writeFileSync(join(root, 'plan.yaml'), plan);
    const sweep = async (...more: readonly string[]): Promise<void> => {
      const { end, text } = startCli(root, ['sweep', 'plan.yaml', '--out', 'sweep', ...more]);
      if ((await end).code !== 0) throw new Error(text());
    };
    const measured = (work: () => Promise<void>): Promise<number> => {
      rmSync(join(root, 'sweep'), { recursive: true, force: true });
      return timed(work);
    };
    const workers = [0, 1].map(() => startWorker(root, server.url, '--slice-minutes', '5', '--lock-seconds', '30'));
    try {
      const results = await alternate(
        {
          [PROCESS]: () => measured(() => sweep('--jobs', '1', '--threads', '2')),
          [WORKERS]: () => measured(() => sweep('--queue', server.url, '--threads', '1')),
        },
        rounds,
      );
      say(`\n## ${title}\n`);
      table(results);
      const [alone, together] = [PROCESS, WORKERS].map((name) => summarise(results[name] ?? []).median);
      say(`- **${((alone ?? NaN) / (together ?? NaN)).toFixed(2)} times the throughput of one process**`);
    } finally {
      for (const { child } of workers) child.kill('SIGTERM');
      await Promise.all(workers.map(({ end }) => end));
    }
  }
}
