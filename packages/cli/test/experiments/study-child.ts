/**
 * The process that dies in reproduce.test.ts: goes on with a study in the folder given as first argument and prints one line
 * per event. It kills itself, as nobody would be fast enough from outside, at the first line that the second argument matches.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createDataset, type Dataset } from '../../../ts-diffusion/src/data/dataset.js';
import { FileEvaluationCache } from '../../../ts-diffusion/src/node/evaluation/evaluation-cache.js';
import type { ScoredImages } from '../../../ts-diffusion/src/evaluation/scored-images.js';
import { parseBudget } from '../../src/experiments/budget.js';
import { writeReport } from '../../src/experiments/report/write-report.js';
import { reproduce } from '../../src/experiments/reproduce.js';
import { StudyFolder } from '../../src/experiments/study-folder.js';
import { createNodeRuntime } from '../../../ts-diffusion/src/node/runtime/node.js';
import { digitSets, untrainedNetworks } from '../../../ts-diffusion/test/evaluation/untrained-networks.js';

const asDataset = ({ images, labels, count, height, width, source }: ScoredImages): Dataset =>
  createDataset(
    { shape: [count, height, width], data: images },
    { shape: [count], data: Uint8Array.from(labels ?? []) },
    source,
    10,
  );

const [path = '', death] = process.argv.slice(2);
const deadly = death === undefined ? undefined : new RegExp(death);
const study = {
  budget: parseBudget('tiny,steps=20,samples=12,channels=2-4,batch=4,sampling-steps=3,repeats=2'),
  protocols: ['corrected', 'paper'],
  parts: ['table1', 'table3'],
} as const;
const folder = new StudyFolder(path, study);
const [test, training] = (await digitSets(150, 150)).map(asDataset) as [Dataset, Dataset];
const runtime = await createNodeRuntime({ threads: 1 });
const networks = untrainedNetworks(runtime);
const cache = new FileEvaluationCache(join(path, 'cache'));
const { signal } = new AbortController();
for await (const event of reproduce({
  study,
  folder,
  test,
  training,
  runtime,
  networks,
  cache,
  program: 'test',
  signal,
})) {
  const line = event.type === 'progress' ? event.detail : event.type === 'stage' ? event.text : event.type;
  writeSync(1, `${line}\n`);
  if (deadly?.test(line)) process.kill(process.pid, 'SIGKILL');
}
await writeReport({ study, folder, training });
