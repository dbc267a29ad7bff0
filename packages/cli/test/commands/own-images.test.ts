import { decode } from 'fast-png';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDirectory } from '../../../ts-diffusion/src/node/data/directory.js';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { readModelSummary } from '../../../ts-diffusion/test/onnx/model-summary.js';
import { runCli } from './run-cli.js';

/** Images that are not MNIST's: 16x16 pixels, 12 classes. */
const SIZE = 16;
const CLASSES = 12;
const COUNT = 120;

const root = mkdtempSync(join(tmpdir(), 'own-images-'));

/** Image i shows a bright column at the place of its class. */
function writeImages(folder: string): void {
  mkdirSync(folder);
  const labels = Uint8Array.from({ length: COUNT }, (_, i) => i % CLASSES);
  const images = new Uint8Array(COUNT * SIZE * SIZE);
  labels.forEach((label, i) => {
    for (let row = 0; row < SIZE; row++)
      images.fill(255, (i * SIZE + row) * SIZE + label, (i * SIZE + row) * SIZE + label + 2);
  });
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), encodeIdx({ shape: [COUNT, SIZE, SIZE], data: images }));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), encodeIdx({ shape: [COUNT], data: labels }));
}

function succeed(...args: string[]): { stdout: string; stderr: string } {
  const { code, stdout, stderr } = runCli(args, root);
  expect(code, stderr).toBe(0);
  return { stdout, stderr };
}

beforeAll(() => {
  writeImages(join(root, 'columns'));
  const { stderr } = succeed(
    ...'train --preset quick --run run --data columns --channels 8,16 --timesteps 20 --steps 12 --batch-size 8'.split(
      ' ',
    ),
    ...'--sampling-steps 0 --tone-curve 0 --sample-every 12 --samples-per-class 1 --threads 1'.split(' '),
  );
  expect(stderr).toMatch(/^data +120 images of 16x16 from columns/m);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

test('the sample grid has a row for each class of the data', () => {
  const { width, height } = decode(readFileSync(join(root, 'run/samples/step-000012.png')));
  expect([width, height]).toEqual([SIZE + 2 + 2, CLASSES * (SIZE + 2) + 2].map((pixels) => 3 * pixels));
});

test('its samples are a data set of the same size and classes', async () => {
  succeed(...'sample --run run --labels 0,11,5 --per-class 2 --format idx --out drawn'.split(' '));
  const { count, height, width, labels, classes, images } = await loadDirectory(join(root, 'drawn'), 'train');
  expect({ count, height, width, classes }).toEqual({ count: 6, height: SIZE, width: SIZE, classes: CLASSES });
  expect([...labels]).toEqual([0, 0, 11, 11, 5, 5]);
  expect(new Set(images).size).toBeGreaterThan(10);
  succeed(
    ...'train --run again --data drawn --channels 4,8 --timesteps 5 --steps 1 --batch-size 2 --threads 1'.split(' '),
  );
});

test('a label beyond its classes is one clear error', () => {
  const { code, stderr } = runCli(['sample', '--run', 'run', '--labels', '12'], root);
  expect(stderr).toContain('error: label is 12; expected 0..11, the classes of this model');
  expect(code).toBe(1);
});

test('its export says what a network that predicts images on 2x2 patches gives', () => {
  const { stdout } = succeed('export', '--run', 'run', '--out', 'exported');
  expect(stdout).toContain(
    'is the clean image x0, in [-1, 1]; the noise is epsilon = (x - sqrt(a) * x0) / sqrt(1 - a).',
  );
  expect(stdout).toContain('[B, 1, 16, 16]');
  expect(stdout).toContain('0..11, -1: no class');
  const { metadata } = readModelSummary(readFileSync(join(root, 'exported/denoiser.onnx')));
  expect(metadata).toMatchObject({
    prediction: 'x0',
    schedule: 'cosine',
    timesteps: '20',
    classes: '12',
    imageSize: '16',
  });
});

test('an export with a tone curve draws the grey levels of the data, unless they are wanted raw', async () => {
  const options = ['--out', 'toned', '--tone-curve', '100', '--threads', '1'];
  expect(succeed('export', '--run', 'run', ...options).stdout).toContain('Tone curve of 100 images');
  const drawn = async (...more: string[]): Promise<Set<number>> => {
    const draw = ['--checkpoint', 'toned/model.safetensors', '-n', '48', '--format', 'idx', '--seed', '5'];
    succeed('sample', ...draw, '--out', 'levels', '--threads', '1', ...more);
    return new Set((await loadDirectory(join(root, 'levels'), 'train')).images);
  };
  const real = new Set((await loadDirectory(join(root, 'columns'), 'train')).images);
  const [toned, raw] = [await drawn(), await drawn('--raw-levels')];
  expect([...toned].filter((level) => !real.has(level))).toEqual([]);
  expect([...raw].some((level) => !real.has(level))).toBe(true);
});

test('a tone curve is fitted to the images of the training alone', () => {
  const { code, stderr } = runCli(['export', '--run', 'run', '--data', 'embedded', '--tone-curve'], root);
  expect(stderr).toMatch(
    /error: The model was trained on other images than .* Give the ones of its training by --data\./,
  );
  expect(code).toBe(1);
  const diffusers = runCli(['export', '--format', 'diffusers', '--tone-curve'], root);
  expect(diffusers.stderr).toContain('error: --tone-curve is for --format onnx: diffusers has no place for the curve.');
});
