import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import { readMetrics } from '../../../ts-diffusion/src/node/training/metrics.js';
import type { Checkpoint } from '../../../ts-diffusion/src/training/checkpoint-format.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { runCli } from './run-cli.js';
import { cliFolder, ending, until } from './training-child.js';

patientTests();
const { inFolder, start } = cliFolder();

const network = '--channels 4,8 --patch-size 2 --timesteps 10 --batch-size 4 --data data --sample-every 0';
const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const training = (run: string, more = ''): string[] =>
  words(`train --run ${run} ${network} --replicas 2 --sync-every 300 --steps 700 --checkpoint-every 20 ${more}`);

const root = (): string => inFolder('.');
const checkpointOf = (run: string): Checkpoint => loadCheckpoint(inFolder(run));
/** All that decides what comes next. */
const weightsOf = (run: string): unknown => {
  const { step, state, outerMomentum } = checkpointOf(run);
  return { step, state, outerMomentum };
};
const lossesOf = (run: string): number[] => readMetrics(inFolder(`${run}/metrics.jsonl`)).map(({ loss }) => loss);
const filesOf = (run: string, replica: number): string[] => {
  const folder = inFolder(join(run, `replica-${replica}`));
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};

test('replicas one after another, at once, killed, stopped and resumed, or lost on the way: the same bits', async () => {
  const steady = runCli(training('steady', '--threads 1'), root());
  expect(steady).toMatchObject({ code: 0 });
  expect(steady.stderr + steady.stdout).toContain(
    '2 of 700 steps each, averaged every 300 steps; each average moves 2 x (',
  );
  expect(checkpointOf('steady')).toMatchObject({ step: 700 });
  // The two newest averages: what the checkpoint before goes on with is kept.
  expect(filesOf('steady', 2)).toEqual([
    'step-000300.safetensors',
    'step-000600.safetensors',
    'step-000700.safetensors',
  ]);

  const killed = start(training('killed', '--threads 2 --jobs 2'));
  const end = ending(killed);
  await until(() => filesOf('killed', 1).includes('step-000300.unfinished.safetensors'));
  killed.kill('SIGKILL');
  expect((await end).signal).toBe('SIGKILL');
  expect(checkpointOf('killed').step).toBe(0);

  const stopped = start(words('train --run killed --resume --jobs 2'));
  const stoppedEnd = ending(stopped);
  await until(() => filesOf('killed', 2).includes('step-000600.unfinished.safetensors'));
  stopped.kill('SIGTERM');
  expect(await stoppedEnd).toEqual({ code: 130, signal: null });
  expect(checkpointOf('killed').step).toBe(300);

  // A slice that is delivered once more, elsewhere and out of order, and one that comes too late.
  const slice = (replica: number, from: number): string[] =>
    words(`train --run killed --replica ${replica} --from-step ${from} --threads 1`);
  expect(runCli(slice(2, 300), root())).toMatchObject({ code: 0 });
  const before = readFileSync(inFolder('killed/replica-2/step-000600.safetensors'));
  expect(runCli(slice(2, 300), root())).toMatchObject({ code: 0 });
  expect(runCli(slice(1, 0), root())).toMatchObject({ code: 0 });
  expect(readFileSync(inFolder('killed/replica-2/step-000600.safetensors'))).toEqual(before);
  expect(runCli(slice(1, 600), root()).stderr).toContain(
    'the weights of step 600 are not there yet; the run is at step 300.',
  );

  expect(runCli(words('train --run killed --resume --jobs 2'), root())).toMatchObject({ code: 0 });
  expect(weightsOf('killed')).toEqual(weightsOf('steady'));
  expect(lossesOf('killed')).toEqual(lossesOf('steady'));
  // It is a run like any other.
  expect(runCli(words('sample --run killed --per-class 1 --out drawn.png'), root())).toMatchObject({ code: 0 });
});

describe('is refused', () => {
  const refusal = (args: string): string => {
    const { code, stderr } = runCli(words(`train --run refused ${network} --steps 4 ${args}`), root());
    expect(code).toBe(1);
    expect(existsSync(inFolder('refused/metrics.jsonl'))).toBe(false);
    return stderr;
  };

  test.each([
    ['--replicas 0', '"replicas"'],
    ['--replicas 2 --sync-every 0', '"syncEvery"'],
    ['--replicas 1.5', '"replicas"'],
    ['--sync-every 2', '"syncEvery" is set, but "replicas" is not. Set "replicas", or remove "syncEvery".'],
    ['--outer-momentum 0.5', '"outerMomentum" is set, but "replicas" is not.'],
    ['--replicas 2 --outer-momentum 1', '"outerMomentum"'],
    ['--replicas 2 --sync-every 4 --evaluate-every 2', 'common weights to evaluate only every "syncEvery" = 4 steps'],
    ['--jobs 2', '--jobs 2 is how many replicas train at once, but this training has none.'],
  ])('%s', (args, expected) => {
    expect(refusal(args)).toContain(expected);
  });

  test('another number of replicas, or of steps between averages, for a run that is resumed', () => {
    expect(runCli(words(`train --run run ${network} --steps 2 --replicas 1 --sync-every 2`), root())).toMatchObject({
      code: 0,
    });
    const resume = (args: string): string => runCli(words(`train --run run --resume --steps 4 ${args}`), root()).stderr;
    expect(resume('--replicas 2')).toContain('"replicas" is 1 in this run and cannot become 2 when it is resumed.');
    expect(resume('--sync-every 1')).toContain('"syncEvery" is 2 in this run and cannot become 1 when it is resumed.');
    expect(checkpointOf('run').step).toBe(2);
  });
});
