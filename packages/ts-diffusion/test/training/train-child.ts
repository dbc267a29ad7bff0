/**
 * The process that kill-resume.test.ts kills: trains in the folder given as first argument, or resumes, and prints the
 * number of each step taken. A second argument `when:call:n` makes it kill itself at its n-th call of that function of
 * node:fs, counted from the beginning or from the first step: in the middle of a write, or instead of an fsync or a rename.
 * A third argument is the learning rate's decay.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { holdsRun, RunFolder } from '../../src/node/training/run-folder.js';
import { train } from '../../src/training/training-run.js';
import { tinyConfig, tinyDataset } from './tiny-run.js';

const STEPS = 700;

type When = 'beginning' | 'training';
type Call = 'writeFileSync' | 'fsyncSync' | 'renameSync' | 'linkSync' | 'rmSync';

function dieAt(call: Call, occurrence: number): void {
  const original = fs[call] as (...args: unknown[]) => unknown;
  let calls = 0;
  Object.assign(fs, {
    [call]: (...args: unknown[]): unknown => {
      if (++calls < occurrence) return original(...args);
      const [target, data] = args as [string | number, string | Uint8Array];
      if (call === 'writeFileSync') {
        const file = typeof target === 'number' ? target : fs.openSync(target, 'w');
        fs.writeSync(file, Buffer.from(data).subarray(0, data.length / 2));
      }
      process.kill(process.pid, 'SIGKILL');
      // The signal may take effect a moment later: nothing more must happen until then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return undefined;
    },
  });
  syncBuiltinESMExports();
}

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
  if (event.type === 'step') fs.writeSync(1, `${event.step}\n`);
}
folder.close();
