/**
 * The process that kill-resume.test.ts kills: trains in the folder given as first argument, or resumes, and prints the
 * number of each step taken. A second argument `when:call:n` makes it kill itself at its n-th call of that function of
 * node:fs, counted from the beginning or from the first step: in the middle of a write, or instead of an fsync or a rename.
 * A third argument is the learning rate's decay.
 */
import { writeSync } from 'node:fs';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { holdsRun, RunFolder } from '../../src/node/training/run-folder.js';
import { train } from '../../src/training/training-run.js';
import { dieAt, type Call } from './die-at.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const STEPS = 700;

type When = 'beginning' | 'training';

const [path = '', death = '', learningRateDecay = 'cosine'] = process.argv.slice(2);
const [when, call, occurrence] = death.split(':') as [When | '', Call, string];
if (when === 'beginning') dieAt(call, Number(occurrence));

const config = tinyConfig({
  steps: STEPS,
  logEvery: 7,
  checkpointEvery: 5,
  learningRateDecay: learningRateDecay as 'cosine' | 'none',
});
const folder = holdsRun(path) ? RunFolder.resume(path) : RunFolder.create(path, config);
const runtime = await createNodeRuntime({ threads: 1 });
const resume = folder.hasCheckpoint ? folder.readCheckpoint() : undefined;
for await (const event of train({ config, dataset: tinyDataset(), runtime, store: folder, resume })) {
  if (event.type === 'started' && when === 'training') dieAt(call, Number(occurrence));
  if (event.type === 'step') writeSync(1, `${event.step}\n`);
}
folder.close();
