import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { runCli } from '../commands/run-cli.js';
import { until } from '../commands/training-child.js';
import { sweepFolder } from './sweep-child.js';

patientTests();
const { inFolder, start, finish, list } = sweepFolder();

test('another plan runs only its new cells and trainings; a failed cell is named, and the others go on', async () => {
  const first = await finish('shared', { axes: ['train.schedule: [linear]', 'sample.guidanceWeight: [0]'] });
  expect(first).toMatchObject({ code: 0 });
  const [training = ''] = list('shared', 'trainings');
  const [cell = ''] = list('shared', 'cells');
  const written = (): number[] =>
    [
      inFolder('shared', 'trainings', training, 'checkpoint.safetensors'),
      inFolder('shared', 'cells', cell, 'receipt.json'),
    ].map((path) => statSync(path).mtimeMs);
  const before = written();

  // A learning rate at which the loss overflows within some steps.
  const second = await finish('shared', {
    axes: ['train.schedule: [linear]', 'train.learningRate: [6.0e-3, 1.0e+30]', 'sample.guidanceWeight: [0, 1]'],
  });
  expect(second).toMatchObject({ code: 1 });
  expect(second.text).toContain('4 cells, 1 done before; 1 trainings and 3 evaluations to do');
  expect(second.text).toMatch(/failed: training .*learningRate 1e\+30: .*(not finite|diverged|NaN)/i);
  expect(second.text).toContain('2 of 4 cells failed; run the same command to try them again.');
  expect(written()).toEqual(before);
  const report = readFileSync(inFolder('shared', 'sweep.md'), 'utf8');
  expect(report).toContain('2 of 4 cells are done');
  expect(report).toContain('## Failed cells');
});

test('a cell is scored with the weights of the last step, or not at all', async () => {
  const plan = { axes: ['train.checkpointEvery: [10]'] };
  expect(await finish('damaged', plan)).toMatchObject({ code: 0 });
  const report = readFileSync(inFolder('damaged', 'sweep.md'), 'utf8');
  const training = join('trainings', list('damaged', 'trainings')[0] ?? '');
  const receipt = inFolder('damaged', 'cells', list('damaged', 'cells')[0] ?? '', 'receipt.json');
  const { command } = JSON.parse(readFileSync(receipt, 'utf8')) as { command: string };
  const checkpoint = inFolder('damaged', training, 'checkpoint.safetensors');
  const bytes = readFileSync(checkpoint);
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 64);
  writeFileSync(checkpoint, bytes);
  rmSync(receipt);

  // As its job would, where the damage came between training and drawing.
  const { stderr } = runCli(command.split(' ').slice(1), inFolder('damaged'));
  expect(stderr).toContain(`error: ${training}: the weights are of step 20, not of step 30. Resume the training`);
  expect(existsSync(receipt)).toBe(false);

  expect(await finish('damaged', plan)).toMatchObject({ code: 0 });
  expect(readFileSync(inFolder('damaged', 'sweep.md'), 'utf8')).toBe(report);
});

test('two sweeps in one folder: the second is refused', async () => {
  const first = start('one', { steps: 600 });
  await until(() => existsSync(inFolder('one', 'sweep.lock')));
  const second = await finish('one', {});
  expect(second).toMatchObject({ code: 1 });
  expect(second.text).toMatch(/^error: one\/sweep\.lock: process \d+ on .* is running a sweep in this folder/);
  expect(second.text.trim().split('\n')).toHaveLength(1);
  first.child.kill('SIGINT');
  expect(await first.end).toEqual({ code: 130, signal: null });
});

test('a dry run lists cells and costs, and leaves nothing behind', async () => {
  const { code, text } = await finish(
    'dry',
    { axes: ['train.schedule: [linear, cosine]', 'sample.guidanceWeight: [0, 1]'] },
    '--dry-run',
  );
  expect(code).toBe(0);
  expect(text).toContain('4 cells, 2 trainings; 0 cells are done in dry');
  expect(text.match(/TFLOP +[\d.e-]+ min/g)).toHaveLength(6);
  expect(text).toMatch(/to do: [\d.e-]+ TFLOP, about [\d.e-]+ minutes/);
  expect(existsSync(inFolder('dry'))).toBe(false);
});

test('a dry run of replicas tells the time that they take in turns', async () => {
  const replicas = 500;
  const { code, text } = await finish(
    'dry-replicas',
    { axes: [`train.replicas: [${replicas}]`, 'train.syncEvery: [10]'] },
    ...['--dry-run', '--jobs', '1'],
  );
  expect(code, text).toBe(0);
  const speeds = [...text.matchAll(/([\d.e-]+) TFLOP +([\d.e-]+) min/g)].map(
    ([, work, minutes]) => Number(work) / Number(minutes),
  );
  expect(speeds).toHaveLength(2);
  // Training and drawing are about as fast, by far not 500 times as the one.
  const [training = NaN, drawing = NaN] = speeds;
  expect(Math.abs(Math.log(training / drawing))).toBeLessThan(Math.log(replicas / 10));
  const [, wall, core] =
    /about ([\d.e-]+) minutes .* at once and 1 threads each \(([\d.e-]+) core minutes\)/.exec(text) ?? [];
  expect(core).toBe(wall);
});

test.each([
  [
    'train.shedule: [linear]',
    /^error: wrong\.yaml, line 16: train: unknown field "shedule"\. Did you mean "schedule"\?/,
  ],
  [
    'train.schedule: []',
    /^error: wrong\.yaml, line 16: the axis train\.schedule is empty; give at least one value\.$/m,
  ],
  ['train.labelDropout: [0]', /guidance/],
])('a plan with %s is refused before anything is done', async (axis, message) => {
  const axes = [axis, ...(axis.includes('Dropout') ? ['sample.guidanceWeight: [1]'] : [])];
  const { code, text } = await finish('wrong', { axes });
  expect(code).toBe(1);
  expect(text).toMatch(message);
  expect(text).not.toContain('unexpected');
  expect(list('wrong', 'trainings')).toEqual([]);
});
