import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveTrainConfig } from '../../../ts-diffusion/src/training/resolve-config.js';
import { trainConfigSchema } from '../../../ts-diffusion/src/training/config.js';
import { runCli, type CliResult } from './run-cli.js';

const root = mkdtempSync(join(tmpdir(), 'train-config-'));
const environment = { DIFFUSION_DATA_DIR: '', DIFFUSION_CACHE_DIR: join(root, 'no-cache') };
const diffusion = (...args: string[]): CliResult => runCli(args, root, environment);

/** Fields given as flags, and the configuration they stand for. */
const flags =
  '--channels 4,8 --patch-size 2 --timesteps 10 --schedule cosine --prediction v --loss l2 --label-dropout 0.25 ' +
  '--steps 7 --batch-size 4 --learning-rate 1e-3 --ema-decay 0.5 --seed 3 --threads 1 --offline --sampling-steps 5 ' +
  '--guidance-weight 1.5';
const given = {
  channels: [4, 8],
  patchSize: 2,
  timesteps: 10,
  schedule: 'cosine',
  prediction: 'v',
  loss: 'l2',
  labelDropout: 0.25,
  steps: 7,
  batchSize: 4,
  learningRate: 1e-3,
  emaDecay: 0.5,
  seed: 3,
  threads: 1,
  offline: true,
  samplingSteps: 5,
  guidanceWeight: 1.5,
} as const;

let training: CliResult;
beforeAll(() => {
  training = diffusion('train', '--run', 'run', ...flags.split(' '));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const configFile = (): unknown => JSON.parse(readFileSync(join(root, 'run/config.json'), 'utf8'));

test('every field of the configuration is a flag of diffusion train, in the words of the schema', () => {
  const help = diffusion('train', '--help').stdout;
  const words = (text: string): string => text.replaceAll(/\s+/g, ' ');
  const fields = Object.entries(trainConfigSchema.shape);
  expect(fields.length).toBeGreaterThan(25);
  for (const [name, { description = 'no description' }] of fields) {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    expect(help, name).toMatch(new RegExp(`^  ${flag} `, 'm'));
    expect(words(help), name).toContain(words(description));
  }
});

test('the configuration that is printed is the one that is saved: defaults, and the flags given', () => {
  expect(training.code).toBe(0);
  const expected = resolveTrainConfig('paper', given);
  const paper: Readonly<Record<string, unknown>> = resolveTrainConfig('paper');
  const [, block = ''] = /^configuration.*\n((?: {2}\S.*\n)+)/m.exec(training.stderr) ?? [];
  const printed = [...block.matchAll(/(\w+) {2,}(\S+)( \*)?(?= {3}|\n)/g)].map(([, name = '', value, star]) => [
    name,
    { value, changed: star !== undefined },
  ]);
  const text = (value: unknown): string =>
    Array.isArray(value) ? value.join() : typeof value === 'string' ? value : JSON.stringify(value);
  const fields = Object.entries(expected).map(([name, value]) => [
    name,
    { value: text(value), changed: text(value) !== text(paper[name]) },
  ]);
  expect(Object.fromEntries(printed)).toEqual(Object.fromEntries(fields));
  expect(printed).toHaveLength(fields.length);
  expect(configFile()).toEqual(expected);
});

test('a line of progress tells step, loss, milliseconds per step, images per second and the time left', () => {
  const line = training.stderr.split('\n').find((each) => each.startsWith('['));
  const found = /^\[=+\] 7\/7 {2}loss (\d+\.\d{4}) {2}(\d+) ms\/step {2}(\d+) images\/s {2}0:00 left$/.exec(line ?? '');
  expect(found, line).not.toBeNull();
  const [loss = NaN, milliseconds = NaN, imagesPerSecond = NaN] = (found ?? []).slice(1).map(Number);
  expect(loss).toBeGreaterThan(0.1);
  expect(loss).toBeLessThan(3); // v has unit variance: an untrained network that predicts about 0 costs about 1
  // Four images per step; the milliseconds are rounded to whole ones.
  expect(imagesPerSecond).toBeGreaterThanOrEqual(Math.floor(4000 / (milliseconds + 0.5)));
  expect(imagesPerSecond).toBeLessThanOrEqual(Math.ceil(4000 / Math.max(milliseconds - 0.5, 1e-3)));
});

test.each([
  [
    ['--channels', '8,16'],
    '"channels" is [4,8] in this run and cannot become [8,16] when it is resumed. ' +
      'Start a new run for that; a resumed run may change: steps, ',
  ],
  [['--steps', '6'], '"steps" is 6, but the run to resume has already taken 7 steps. Give more, or start a new run.'],
])('a resumed run refuses %j with one clear error and stays as it was', (change, message) => {
  const before = configFile();
  const { code, stderr } = diffusion('train', '--run', 'run', '--resume', ...change);
  expect(stderr).toContain(`error: ${message}`);
  expect(stderr).not.toMatch(/ {4}at |unexpected/);
  expect(code).toBe(1);
  expect(configFile()).toEqual(before);
});
