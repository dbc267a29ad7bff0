import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import type { ScoredImages } from '../../../ts-diffusion/src/evaluation/scored-images.js';
import { encodeCheckpoint } from '../../../ts-diffusion/src/training/checkpoint-format.js';
import { sha256Hex } from '../../../ts-diffusion/src/node/platform/sha256.js';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { digitSets, untrainedFiles } from '../../../ts-diffusion/test/evaluation/untrained-networks.js';
import { tinyCheckpoint, tinyUNet, writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { runCli, type CliResult } from './run-cli.js';

let folder: string;

function writeIdxPair(path: string, { images, labels, count, height, width }: ScoredImages): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}-images-idx3-ubyte`, encodeIdx({ shape: [count, height, width], data: images }));
  writeFileSync(`${path}-labels-idx1-ubyte`, encodeIdx({ shape: [count], data: Uint8Array.from(labels ?? []) }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-evaluate-'));
  const [training, test, others] = (await digitSets(300, 300, 200)) as [ScoredImages, ScoredImages, ScoredImages];
  writeIdxPair(join(folder, 'data', 'train'), training);
  writeIdxPair(join(folder, 'data', 't10k'), test);
  writeIdxPair(join(folder, 'others', 'samples'), others);
  mkdirSync(join(folder, 'run'));
  const checkpoint = { ...tinyCheckpoint(), model: { ...tinyUNet, imageSize: 28 } };
  writeFileSync(join(folder, 'run', 'checkpoint.safetensors'), encodeCheckpoint(checkpoint));
  writeTinyRun(join(folder, 'small'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const evaluate = (...args: string[]): CliResult =>
  runCli(['evaluate', '--data', 'data', '--near-copies', '20', ...args], folder, {
    DIFFUSION_CACHE_DIR: join(folder, 'cache'),
  });
/** The receipts of the run whose names hold these words. */
const receiptsOf = (words = ''): string[] =>
  readdirSync(join(folder, 'run/receipts'))
    .filter((name) => name.includes(words))
    .map((name) => `run/receipts/${name}`);
const refusal = (...args: string[]): string => {
  const { code, stderr } = evaluate(...args);
  expect(code).toBe(1);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  return stderr;
};

test('real digits score as real digits do', () => {
  const { code, stdout } = evaluate(
    '--images',
    'others',
    '--receipt',
    'others.json',
    '--judges',
    '1',
    '--pictures',
    'seen',
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Inception score +9\.\d+ ± [\d.]+ +real images: 9\./m);
  expect(stdout).toMatch(/^ +7 +\d+ +(9\d\.\d|100\.0) % +\d+$/m);
  const { scores, generation, warnings, images } = readReceipt(join(folder, 'others.json'));
  const score = (metric: string) => scores.find((each) => each.metric === metric);
  const distance = score('Frechet distance (CNN features)');
  expect(distance?.value).toBeLessThan(2.5 * (distance?.floor ?? 0));
  expect(score('Label accuracy')?.value).toBeGreaterThan(0.97);
  expect(score('Recall')?.value).toBeGreaterThan(0.8);
  // Real digits are as near to real digits as others, whatever one looks at.
  const worst = score('Worst distance over floor');
  expect(worst?.value).toBeLessThan(2.5);
  const ratios = scores
    .filter(({ metric }) => metric.startsWith('Frechet distance'))
    .map(({ value, floor }) => value / (floor ?? NaN));
  expect(ratios).toHaveLength(5);
  expect(worst?.value).toBe(Math.max(...ratios));
  for (const view of ['', ', flattened', ', 2x2 means', ', black and white']) {
    // 200 images are asked about: a standard error of 0.035.
    expect(Math.abs((score(`Two-sample accuracy${view}`)?.value ?? NaN) - 0.5)).toBeLessThan(0.14);
    expect(Math.abs((score(`Two-sample AUC${view}`)?.floor ?? NaN) - 0.5)).toBeLessThan(0.15);
  }
  // Not the seed: receipts of samples of different seeds compare.
  expect(score('Two-sample accuracy')?.conditions.settings).toEqual({ judges: 1 });
  expect(score('Grey levels, total variation')?.value).toBeLessThan(0.05);
  expect(score('Stroke width, Wasserstein distance (pixels)')?.value).toBeLessThan(0.3);
  expect(readdirSync(join(folder, 'seen')).sort()).toEqual([
    'confusion.svg',
    'grey-levels.svg',
    'least-suspicious.png',
    'most-suspicious.png',
    'nearest-training-images.png',
    'stroke-widths.svg',
  ]);
  expect({ generation, count: images.count, sizes: score('Recall')?.conditions.settings }).toEqual({
    generation: null,
    count: 200,
    sizes: { neighbours: 5, images: 200 },
  });
  expect(warnings.filter((text) => !text.startsWith('Inception score of splits'))).toEqual([
    'The kernel distance has no error bar: subsets of 200 overlap too much in 200 samples and 300 reference images; it takes 800 of both.',
  ]);
});

test('by default there are judges only where there are 1000 images of each kind, real ones for floors too', async () => {
  const [samples, reference, few] = (await digitSets(1000, 1000, 30)) as [ScoredImages, ScoredImages, ScoredImages];
  writeIdxPair(join(folder, 'many', 'samples'), samples);
  writeIdxPair(join(folder, 'against', 't10k'), reference);
  writeIdxPair(join(folder, 'few', 'train'), few);
  const quick = ['--no-thorough', '--near-copies', '0', '--bootstrap', '2', '--receipt', 'few.json'];
  const sets = ['--images', 'many', '--reference', 'against', '--training', 'few'];
  const { code, stdout, stderr } = runCli(['evaluate', ...sets, ...quick, '--pictures', 'unjudged'], folder);
  expect(code, stderr).toBe(0);
  expect(stdout).not.toContain('Two-sample');
  expect(readdirSync(join(folder, 'unjudged'))).toEqual(['confusion.svg']);
}, 60_000);

test('a model is scored with a receipt in its run, and unlike receipts do not compare', () => {
  const draw = ['--run', 'run', '--sampler', 'ddim', '--steps', '2', '--omega', '0.5', '--seed', '4', '--clip'];
  const first = evaluate(...draw, '-n', '20', '--bits-per-dim', '3', '--save', 'kept');
  expect(first.stdout).toContain('20 images, sampler ddim, 2 of T = 10 timesteps');
  expect(readdirSync(join(folder, 'kept'))).toHaveLength(2);
  const [receipt = ''] = receiptsOf('n20');
  const { generation, scores, command, warnings } = readReceipt(join(folder, receipt));
  const { ema } = tinyCheckpoint().state;
  expect(generation).toEqual({
    weights: sha256Hex(new Uint8Array(ema.buffer)),
    ...{ step: 7, averaged: true, prediction: 'epsilon', schedule: 'linear', timesteps: 10 },
    ...{ sampler: 'ddim', samplingSteps: 2, omega: 0.5, seed: 4, options: { spacing: 'even', clipX0: true } },
    trainedOn: tinyCheckpoint().data.sha256,
  });
  expect(scores.at(-1)?.metric).toBe('Bits per dimension (variational bound)');
  expect(command).toContain('diffusion evaluate --data data');
  expect(warnings.join()).toContain('The model was trained on other images than');
  expect(warnings.join()).toContain('20 images for 128 features');

  expect(evaluate(...draw, '-n', '30').code).toBe(0);
  const { code, stderr } = runCli(['compare', receipt, ...receiptsOf('n30')], folder);
  expect(code).toBe(1);
  expect(stderr).toContain('number of images is 20');
});

test('evaluations that differ in anything that decides the scores keep a receipt each, and the same one replaces its own', () => {
  const few = ['-n', '20', '--near-copies', '0', '--no-thorough', '--bootstrap', '2'];
  const drawn = ['--run', 'run', '--sampler', 'ddim', '--steps', '3', '--omega', '1', '--seed', '9', ...few];
  const others = [['--eta', '0.5'], ['--clip'], ['--neighbours', '4'], ['--reference', 'others']];
  for (const each of [[], [], ...others]) expect(evaluate(...drawn, ...each)).toMatchObject({ code: 0 });
  expect(receiptsOf('step7-ddim-3-omega1-seed9-n20')).toHaveLength(1 + others.length);
}, 180_000);

describe('one clear sentence for', () => {
  test('a model of another size, before anything is drawn', () => {
    expect(refusal('--run', 'small')).toMatch(/this model draws images of 8x8 pixels; .* accepts only images of 28x28/);
  });

  test('images for floors without a reference', () => {
    expect(refusal('--run', 'run', '--training', 'others')).toContain('--training goes with --reference');
  });

  test('settings that so few images do not allow, before anything is drawn', () => {
    for (const [setting, message] of [
      ['--splits', 'The Inception score of 20 images needs 1 to 20 splits, got 50.'],
      ['--neighbours', 'With 20 images, the number of neighbours must be from 1 to 19, got 50'],
    ] as const) {
      const { code, stdout, stderr } = evaluate('--run', 'run', '--count', '20', setting, '50');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`error: ${message}`);
    }
  });

  test('a truncated PNG among good ones', () => {
    mkdirSync(join(folder, 'pngs'));
    const png = encodePng(new Uint8Array(784).fill(200), 28, 28);
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, 'pngs', `${name}.png`), png);
    expect(refusal('--images', 'pngs')).toMatch(/3 images are too few/);
    writeFileSync(join(folder, 'pngs', 'b.png'), png.subarray(0, png.length - 20));
    expect(refusal('--images', 'pngs')).toMatch(/cannot read the image pngs.b\.png/);
  });

  test('weights of another network, damaged ones, and ones that are no state dict', () => {
    const files = untrainedFiles();
    writeFileSync(join(folder, 'features.safetensors'), files['feature-network']);
    writeFileSync(join(folder, 'cut.safetensors'), files.evaluator.subarray(0, 5000));
    const others = ['--images', 'others'];
    expect(refusal(...others, '--evaluator', 'features.safetensors')).toMatch(/contains a feature-network; expected a/);
    expect(refusal(...others, '--evaluator', 'cut.safetensors')).toMatch(/cut\.safetensors/);
    expect(refusal(...others, '--inception-weights', 'cut.safetensors')).toMatch(/cut\.safetensors/);
  });
});
