import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeModel } from '../../../ts-diffusion/src/pipeline/export-model.js';
import { tinyTeacher } from '../../../ts-diffusion/test/distillation/tiny-teacher.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { cliPath, runCli } from './run-cli.js';
import { until } from './training-child.js';

patientTests();

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'distill-'));
  writeFileSync(join(root, 'teacher.safetensors'), encodeModel(tinyTeacher()));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const inRoot = (name: string): string => join(root, name);
const few =
  '--batch-size 4 --regression-updates 3 --regression-images 8 --sample-every 4 --samples-per-class 1 --threads 1';
const distillation = `distill --model teacher.safetensors ${few}`.split(' ');
const read = (name: string): Buffer => readFileSync(inRoot(name));

test('stopped by Ctrl-C and resumed it ends with the files of an undisturbed run', async () => {
  const whole = runCli([...distillation, '--updates', '40', '--run', 'whole'], root);
  expect(whole).toMatchObject({ code: 0 });
  expect(whole.stderr).toContain('Distilled in 40 updates. Next: diffusion sample --run whole');
  expect(existsSync(inRoot('whole/samples/step-000004.png'))).toBe(true);

  const options = { cwd: root, stdio: 'ignore' } as const;
  const child = spawn(process.execPath, [cliPath, ...distillation, '--updates', '100000', '--run', 'stopped'], options);
  const end = once(child, 'exit');
  await until(() => existsSync(inRoot('stopped/samples/step-000004.png')));
  child.kill('SIGINT');
  expect(await end).toEqual([130, null]);
  expect(existsSync(inRoot('stopped/run.lock'))).toBe(false);
  const lines = read('stopped/metrics.jsonl').toString().trim().split('\n');
  const { step } = JSON.parse(lines.at(-1) ?? '') as { step: number };

  const updates = String(Math.max(40, step));
  if (step > 40) expect(runCli(['distill', '--run', 'whole', '--resume', '--updates', updates], root).code).toBe(0);
  expect(runCli(['distill', '--run', 'stopped', '--resume', '--updates', updates], root).code).toBe(0);
  expect(read('stopped/model.safetensors').equals(read('whole/model.safetensors'))).toBe(true);
});

test('the folder is drawn from, in the steps that were learnt and in no others', () => {
  expect(runCli([...distillation, '--updates', '5', '--run', 'run'], root).code).toBe(0);
  const draw = (...options: string[]) =>
    runCli(['sample', '--run', 'run', '--per-class', '1', '--out', 'drawn.png', ...options], root);
  expect(draw()).toMatchObject({ code: 0 });
  expect(draw('--steps', '1', '--omega', '2')).toMatchObject({ code: 0 });
  expect(draw('--steps', '3').stderr).toContain('This model is distilled to draw from noise in 1, 2 or 4 steps');
  expect(draw('--omega', '2.5').stderr).toContain('takes a guidance weight omega from 0 to 2, got 2.5.');
});

test.each([
  ['another configuration', ['--batch-size', '8'], '"batchSize" is 8, but the run to resume had 4'],
  ['fewer updates', ['--updates', '4'], '"updates" is 4, but the run to resume has already taken 5.'],
])('a run is not resumed with %s', (_what, options, message) => {
  expect(runCli([...distillation, '--updates', '5', '--run', 'run'], root).code).toBe(0);
  const { code, stderr } = runCli(['distill', '--run', 'run', '--resume', ...options], root);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});

test('says in a sentence what cannot be done', () => {
  const failing = (...args: string[]): string => runCli(['distill', ...args], root).stderr.trim();
  expect(failing('--resume')).toBe('error: Which run should be resumed? Give --run <folder> with --resume.');
  expect(failing('--run', '.', '--resume')).toContain(
    'there is no distillation to resume in this folder (no distill.json).',
  );
  expect(failing('--run', '.')).toContain('this folder is not empty.');
  expect(failing('--model', 'paper', '--run', 'new')).toContain('A teacher has to be a modern-unet');
  expect(failing('--model', 'nothing', '--run', 'other')).toContain('nothing: no such checkpoint file or run folder.');
});

test('a damaged checkpoint is passed over for the one before', () => {
  expect(runCli([...distillation, '--updates', '5', '--checkpoint-every', '2', '--run', 'run'], root).code).toBe(0);
  const damaged = read('run/distillation.safetensors');
  damaged[damaged.length - 3] = (damaged[damaged.length - 3] ?? 0) ^ 1;
  writeFileSync(inRoot('run/distillation.safetensors'), damaged);
  const { code, stderr } = runCli(['distill', '--run', 'run', '--resume', '--updates', '6'], root);
  expect(stderr).toContain('the checksum does not match');
  expect(stderr).toContain('Using distillation.previous.safetensors instead, of step 4.');
  expect(code).toBe(0);
});
