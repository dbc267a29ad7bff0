/**
 * The process that kill-resume-distillation.test.ts kills: distills in the folder given as first argument, or resumes. A second argument
 * `call:n` makes it kill itself at its n-th call of that function of node:fs after the beginning.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolveDistillConfig } from '../../src/distillation/distill-config.js';
import { distill } from '../../src/distillation/distill-run.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { DistillFolder } from '../../src/node/training/distill-folder.js';
import { dieAt, type Call } from '../training/die-at.js';
import { tinyTeacher } from './tiny-teacher.js';

const [path = '', death = ''] = process.argv.slice(2);
const [call, occurrence] = death.split(':') as [Call | '', string];

const config = resolveDistillConfig({
  ...{ updates: 7, batchSize: 4, regressionUpdates: 2, regressionImages: 8, warmupUpdates: 2 },
  ...{ logEvery: 1, checkpointEvery: 2, sampleEvery: 0, seed: 3 },
});
const folder = existsSync(join(path, 'distill.json')) ? DistillFolder.resume(path) : DistillFolder.create(path, config);
const runtime = await createNodeRuntime({ threads: 1 });
const resume = folder.hasCheckpoint ? folder.readCheckpoint() : undefined;
for await (const event of distill({ config, teacher: tinyTeacher(), runtime, store: folder, resume })) {
  if (event.type === 'started' && call !== '') dieAt(call, Number(occurrence));
}
folder.close();
