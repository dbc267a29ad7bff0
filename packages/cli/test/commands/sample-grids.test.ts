import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath, runCli } from './run-cli.js';
import { cliFolder } from './training-child.js';
import { spawnSync } from 'node:child_process';

patientTests();
const { inFolder } = cliFolder();

const options =
  '--channels 4,8 --patch-size 2 --timesteps 10 --batch-size 4 --threads 1 --data data --steps 12 --checkpoint-every 3 --sample-every 4 --samples-per-class 1'.split(
    ' ',
  );
const train = (...args: string[]) => runCli(['train', ...args], inFolder('.'));
const resume = (run: string, ...more: string[]) => train('--run', run, '--resume', ...more);

/** The sample grids of a run: name and bytes. */
const grids = (run: string): Record<string, string> => {
  const folder = inFolder(`${run}/samples`);
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'base64')]));
};

/** Loaded before the command line: ends the process where it is about to write a grid. */
const killBeforeGrid = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { openSync } = fs;
fs.openSync = (path, ...rest) => {
  if (String(path).includes('step-0000')) process.kill(process.pid, 'SIGKILL');
  return openSync(path, ...rest);
};
syncBuiltinESMExports();
`;

test('a run killed before it writes its grids draws them when it is resumed, to the byte', () => {
  train('--run', 'steady', ...options);
  expect(Object.keys(grids('steady'))).toEqual(
    [4, 8, 12].map((step) => `step-0000${String(step).padStart(2, '0')}.png`),
  );

  writeFileSync(inFolder('kill.mjs'), killBeforeGrid);
  const killed = (args: readonly string[]) =>
    spawnSync(process.execPath, ['--import', inFolder('kill.mjs'), cliPath, 'train', '--run', 'killed', ...args], {
      cwd: inFolder('.'),
    }).signal;
  expect(killed(options)).toBe('SIGKILL');
  expect(Object.keys(grids('killed'))).toEqual([]);
  expect(resume('killed').code).toBe(0);
  expect(grids('killed')).toEqual(grids('steady'));

  // The last grid is due for the weights of the last checkpoint, after which there is no further step. Half of it is none.
  truncateSync(inFolder('killed/samples/step-000012.png'), 100);
  expect(killed(['--resume'])).toBe('SIGKILL');
  expect(resume('killed').stderr).toContain('samples of step 12: ');
  expect(grids('killed')).toEqual(grids('steady'));
});

test('grids whose weights are no longer kept are not drawn from others, and the user is told', () => {
  train('--run', 'run', ...options);
  cpSync(inFolder('run'), inFolder('whole'), { recursive: true });
  for (const step of ['04', '08', '12']) rmSync(inFolder(`run/samples/step-0000${step}.png`));
  expect(resume('run').stderr).toMatch(
    /2 earlier sample grids \(steps 4 to 8\) are missing and cannot be made again: their checkpoints no longer exist\./,
  );
  expect(Object.keys(grids('run'))).toEqual(['step-000012.png']);

  // Those of the checkpoint before the newest are.
  resume('whole', '--steps', '20', '--checkpoint-every', '4');
  const { ['step-000016.png']: expected } = grids('whole');
  rmSync(inFolder('whole/samples/step-000016.png'));
  expect(resume('whole').stderr).toContain('samples of step 16: ');
  expect(grids('whole')['step-000016.png']).toBe(expected);
});

test('a run whose learning rate decays is told of the new cycle that more steps begin, and of a time limit', () => {
  const decaying = [...options, '--learning-rate-decay', 'cosine', '--learning-rate', '0.001'];
  train('--run', 'run', ...decaying);
  const { stderr } = resume('run', '--steps', '20');
  expect(stderr).toMatch(
    /^learning rate {2}the schedule was for 12 steps; a new cycle begins: half a cosine from 0\.001 to 0, steps 13 to 20$/m,
  );
  expect(resume('run').stderr).not.toMatch(/^learning rate/m);

  const limited = train('--run', 'limited', ...decaying, '--max-minutes', '0.5').stderr;
  expect(limited).toMatch(
    /^time limit {5}0\.5 minutes: the run then stops, even before step 12, before the learning rate has decayed/m,
  );
});
