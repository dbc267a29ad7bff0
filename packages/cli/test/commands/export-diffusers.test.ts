import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModel } from '../../../ts-diffusion/src/node/models/load-model.js';
import { weightsHash } from '../../../ts-diffusion/src/pipeline/weights-hash.js';
import { writeReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import { contents, frechet, hash } from '../../../ts-diffusion/test/evaluation/receipt-contents.js';
import { patient } from '../../../ts-diffusion/test/patience.js';
import { writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { runCli } from './run-cli.js';

const root = mkdtempSync(join(tmpdir(), 'export-diffusers-'));

function run(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  return runCli(args, root, { DIFFUSION_CACHE_DIR: join(root, 'cache') });
}

function succeed(words: string): string {
  const { code, stdout, stderr } = run(...words.split(' '));
  expect(code, stderr).toBe(0);
  return stdout;
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A receipt of the run, of these weights. */
function score(name: string, createdAt: string, value: number, weights: string): void {
  const generation = {
    ...{ weights, step: 2, averaged: true, prediction: 'x0', schedule: 'cosine', timesteps: 20 },
    ...{ sampler: 'ddim', samplingSteps: 20, options: {}, omega: 0, seed: 0 },
  };
  writeReceipt(join(root, 'run/receipts', name), { ...contents(frechet(value)), createdAt, generation });
}

beforeAll(async () => {
  for (const [at, name] of ['bluish', 'красный'].entries()) {
    mkdirSync(join(root, 'my pictures', name), { recursive: true });
    for (let i = 0; i < 8; i++) {
      const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, k) => (k % 3 === 2 - 2 * at ? 20 * i : 30));
      await sharp(data, { raw: { width: 8, height: 8, channels: 3 } })
        .png()
        .toFile(join(root, 'my pictures', name, `${i}.png`));
    }
  }
  writeFileSync(join(root, 'network.json'), '{"norm_num_groups": 4, "layers_per_block": 1}');
  const options =
    '--preset quick --model unet2d --unet2d network.json --channels 4,8 --patch-size 1 --timesteps 20 --steps 2 --batch-size 4 ' +
    '--threads 1 --image-size 8 --sampler ddpm --sampling-steps 0 --tone-curve 0 --run run';
  const { code, stderr } = run('train', '--data', join(root, 'my pictures'), ...options.split(' '));
  expect(code, stderr).toBe(0);
  writeTinyRun(join(root, 'paper'));
}, patient.timeout);
afterAll(() => {
  rmSync(root, { recursive: true });
});

test('a run is exported with card and picture, and imported as the same model', async () => {
  const weights = weightsHash(loadModel(join(root, 'run')).model);
  score('old.json', '2026-11-01T00:00:00.000Z', 9, weights);
  score('other.json', '2026-11-05T00:00:00.000Z', 8, hash('e'));
  score('new.json', '2026-11-03T00:00:00.000Z', 7, weights);
  writeFileSync(join(root, 'run/receipts/broken.json'), '{');
  const { code, stdout, stderr } = run(
    ...'export --run run --format diffusers --license mit --out exported --threads 1'.split(' '),
  );
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('broken.json');
  expect(stdout).toContain('Wrote exported/unet/diffusion_pytorch_model.safetensors\n');
  expect(stdout).not.toContain('no licence');

  const card = read('exported/README.md');
  expect(card).toMatch(/^---\nlicense: mit\n/);
  expect(card).toContain('of 2 classes: bluish, красный.');
  expect(card).toContain('- images: my pictures\n');
  expect(card).toContain('These weights, 2026-11-03');
  expect(card).toContain('| Frechet distance | 7 ');
  expect(card).toContain(
    '![Images drawn by the model](samples.png)\n\nThe first 16 images of seed 0: sampler ddpm, 20 of T = 20',
  );
  expect(card).not.toContain(root);

  // Two columns for two classes, eight rows; eight times as large.
  const { width, height, channels } = await sharp(join(root, 'exported/samples.png')).metadata();
  expect([width, height, channels]).toEqual([8 * (2 * 10 + 2), 8 * (8 * 10 + 2), 3]);

  expect(succeed('import exported --out imported')).toContain('2 classes');
  const imported = loadModel(join(root, 'imported')).model;
  const original = loadModel(join(root, 'run')).model;
  expect(imported.model).toEqual(original.model);
  expect(imported.parameters).toEqual(original.parameters);
  expect([imported.classNames, imported.prediction]).toEqual([['bluish', 'красный'], 'x0']);
});

test('the model of an import is exported too: in float16, without a picture, with a hint about the licence', () => {
  succeed('export --run run --format diffusers --images 0 --out first');
  succeed('import first --out again');
  const stdout = succeed('export --model again --format diffusers --half --images 0 --out half');
  expect(stdout).toContain('The model card names no licence: give --license');
  expect(existsSync(join(root, 'half/samples.png'))).toBe(false);
  expect(read('half/README.md')).toContain('does not say how it was trained');
  const [half = 0, full = 0] = ['half', 'first'].map(
    (name) => statSync(join(root, name, 'unet/diffusion_pytorch_model.safetensors')).size,
  );
  expect(half).toBeLessThan(0.8 * full);
});

test.each([
  [
    '--run paper --format diffusers',
    'The network of this model is paper-unet, which a UNet2DModel of diffusers cannot hold',
  ],
  ['--run run --license mit', '--license is for the model card of --format diffusers; --format onnx writes none.'],
  ['--run run --images 4', '--images is for the model card of --format diffusers'],
  [
    '--run run --format diffusers --license My_Own',
    '--license is "My_Own"; expected an identifier of the Hub in lower case',
  ],
])('export %s is refused in a sentence, and writes nothing', (words, message) => {
  const { code, stderr } = run('export', ...words.split(' '), '--out', 'refused');
  expect([code, stderr]).toEqual([1, expect.stringContaining(`error: ${message}`)]);
  expect(existsSync(join(root, 'refused'))).toBe(false);
});
