import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { loadCheckpoint } from '../../../ts-diffusion/src/node/models/load-model.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath } from '../commands/run-cli.js';
import { ending, until } from '../commands/training-child.js';
import { tinyPlan, type TinyPlan } from './tiny-plan.js';

patientTests();

let root: string;
let children: ChildProcess[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sweep-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

interface Sweep {
  readonly child: ChildProcess;
  readonly end: ReturnType<typeof ending>;
  /** What it has said so far. */
  readonly text: () => string;
}

/** Runs the sweep of a plan in a folder of its own. */
function start(folder: string, plan: TinyPlan, ...options: string[]): Sweep {
  writeFileSync(join(root, `${folder}.yaml`), tinyPlan(plan));
  const args = ['sweep', `${folder}.yaml`, '--out', folder, '--threads', '1', ...options];
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: root,
    env: { ...process.env, DIFFUSION_CACHE_DIR: 'cache' },
  });
  children.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()));
  return { child, end: ending(child), text: () => text };
}

async function finish(
  folder: string,
  plan: TinyPlan,
  ...options: string[]
): Promise<{ code: number | null; text: string }> {
  const { end, text } = start(folder, plan, ...options);
  const { code } = await end;
  return { code, text: text() };
}

const inFolder = (...names: string[]): string => join(root, ...names);
const list = (...names: string[]): string[] =>
  existsSync(inFolder(...names)) ? readdirSync(inFolder(...names)).sort() : [];

/** All that a report says, and every score. */
const findings = (folder: string): unknown => ({
  html: readFileSync(inFolder(folder, 'sweep.html'), 'utf8'),
  markdown: readFileSync(inFolder(folder, 'sweep.md'), 'utf8'),
  figures: list(folder, 'figures').map((name) => [name, readFileSync(inFolder(folder, 'figures', name), 'utf8')]),
  receipts: list(folder, 'cells').map((key) => [
    key,
    readReceipt(inFolder(folder, 'cells', key, 'receipt.json')).scores,
  ]),
});

/** Steps between checkpoints are a tenth of them. */
const long: TinyPlan = { steps: 600 };

test('a sweep that is killed, and then told to stop, ends with the report of an undisturbed one, to the byte', async () => {
  const steady = await finish('steady', long);
  expect(steady).toMatchObject({ code: 0 });
  expect(steady.text).toContain('2 cells, 0 done before; 2 trainings and 2 evaluations to do');
  expect(list('steady', 'trainings')).toHaveLength(2);

  const first = start('killed', long);
  const checkpoint = (): string | undefined =>
    list('killed', 'trainings')
      .map((key) => inFolder('killed', 'trainings', key))
      .find((run) => existsSync(join(run, 'checkpoint.safetensors')));
  await until(() => checkpoint() !== undefined);
  first.child.kill('SIGKILL');
  expect((await first.end).signal).toBe('SIGKILL');
  const run = checkpoint() as string;

  // Goes on where the child of the killed sweep has written its last checkpoint, and is stopped while it scores.
  const second = start('killed', long);
  await until(() => second.text().includes('scoring'));
  expect(second.text()).toMatch(/training schedule linear from \d+ %/);
  expect(loadCheckpoint(run).step).toBe(600);
  second.child.kill('SIGHUP');
  expect(await second.end).toEqual({ code: 130, signal: null });
  expect(second.text()).toContain('Stopped. Run the same command to go on.');
  expect(existsSync(inFolder('killed', 'sweep.lock'))).toBe(false);

  const last = await finish('killed', long);
  expect(last).toMatchObject({ code: 0 });
  expect(last.text).not.toContain('training schedule linear');
  expect(findings('killed')).toEqual(findings('steady'));

  const again = await finish('killed', long);
  expect(again.text).toContain('2 cells, 2 done before; 0 trainings and 0 evaluations to do');
  expect(findings('killed')).toEqual(findings('steady'));
});

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
    axes: ['train.schedule: [linear]', 'train.learningRate: [3.0e-3, 1.0e+30]', 'sample.guidanceWeight: [0, 1]'],
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

test('two sweeps in one folder: the second is refused', async () => {
  const first = start('one', long);
  await until(() => existsSync(inFolder('one', 'sweep.lock')));
  const second = await finish('one', long);
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

test.each([
  [
    'train.shedule: [linear]',
    /^error: wrong\.yaml, line 14: train: unknown field "shedule"\. Did you mean "schedule"\?/,
  ],
  [
    'train.schedule: []',
    /^error: wrong\.yaml, line 14: the axis train\.schedule is empty; give at least one value\.$/m,
  ],
  ['train.labelDropout: [0]', /guidance/],
])('a plan with %s is refused before anything is done', async (axis, message) => {
  const axes = [axis, ...(axis.includes('Dropout') ? ['sample.guidanceWeight: [1]'] : [])];
  const others = axis.includes('Dropout') ? [] : [];
  const { code, text } = await finish('wrong', { axes, others });
  expect(code).toBe(1);
  expect(text).toMatch(message);
  expect(text).not.toContain('unexpected');
  expect(list('wrong', 'trainings')).toEqual([]);
});
