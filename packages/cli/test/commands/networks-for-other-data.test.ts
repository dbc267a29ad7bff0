import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng } from '../../../ts-diffusion/src/utils/png.js';
import { RandomStream } from '../../../ts-diffusion/src/utils/random.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { readWatched } from '../../../ts-diffusion/src/node/training/metrics.js';
import { runCli } from './run-cli.js';

patientTests();

/** A bar in a random colour on a darker one, 12×12; if upright, the lower half is darker than the upper. */
function picture(upright: boolean, seed: number): Uint8Array {
  const size = 12;
  const random = new RandomStream(seed, upright ? 1 : 0);
  const ink = [0, 1, 2].map(() => 150 + random.integer(100));
  const ground = [0, 1, 2].map(() => 20 + random.integer(80));
  const place = 3 + random.integer(5);
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    const across = upright ? x : y;
    return ((Math.abs(across - place) <= 1 ? ink : ground)[i % 3] ?? 0) - (upright && y >= size / 2 ? 20 : 0);
  });
  return encodePng(data, size, size, 3);
}

let root: string;
let environment: Record<string, string>;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'networks-'));
  environment = { DIFFUSION_CACHE_DIR: join(root, 'cache'), DIFFUSION_DATA_DIR: '' };
  for (const [folder, upright] of [
    ['bars/upright', true],
    ['bars/lying', false],
    ['flat', true],
  ] as const) {
    mkdirSync(join(root, folder), { recursive: true });
    const count = folder === 'flat' ? 120 : 60;
    for (let i = 0; i < count; i++) writeFileSync(join(root, folder, `${i}.png`), picture(upright, i));
  }
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A file beside this one. */
const resolvePath = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Of the Frechet distance between real pictures, by the networks in colour. */
let floor: number;
const run = (line: string) => runCli(line.split(' '), root, environment);

test('pictures in colour have networks of their own, which evaluate finds, and without them it says what to do', () => {
  const trained = run(
    'train --data bars --run run --model modern-unet --channels 8,16 --blocks 1,1 --batch-size 4 --steps 2 --sample-every 0 --threads 1',
  );
  expect(trained.code, trained.stderr).toBe(0);
  const evaluate = 'evaluate --run run -n 30 --steps 2 --bootstrap 2 --threads 1';
  const refused = run(evaluate);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^error: The networks in the package cannot score these images: .*diffusion train-evaluator --data bars --fit crop/m,
  );

  const networks = run('train-evaluator --data bars --epochs 8 --threads 1');
  expect(networks.code, networks.stderr).toBe(0);
  expect(networks.stderr).toContain('108 training images, 12 test images');
  const accuracies = [...networks.stderr.matchAll(/Wrote .*: ([\d.]+) % accuracy on the held-out images/g)];
  expect(accuracies).toHaveLength(3);
  for (const [, accuracy] of accuracies) expect(Number(accuracy)).toBeGreaterThan(90);

  const scored = run(evaluate);
  expect(scored.code, scored.stderr).toBe(0);
  const receipt = JSON.parse(
    readFileSync(/Wrote (.*\.json)/.exec(scored.stdout)?.[1]?.replace(/^/, `${root}/`) ?? '', 'utf8'),
  ) as {
    scores: { metric: string; value: number; floor?: number }[];
    generation: { trainedOn: string; classNames: string[] };
  };
  expect(receipt.generation.classNames).toEqual(['lying', 'upright']);
  expect(receipt.generation.trainedOn).toMatch(/^[0-9a-f]{64}$/);
  expect(scored.stdout).toMatch(/^ *lying +15 /m);
  const of = (metric: string) => receipt.scores.find((score) => score.metric.startsWith(metric));
  expect(of('Label accuracy')?.floor).toBeGreaterThan(0.9);
  // Two steps of training draw noise: far from the pictures, which are near each other.
  const distance = of('Fr');
  expect(distance?.value).toBeGreaterThan(3 * (distance?.floor ?? NaN));
  floor = distance?.floor ?? NaN;
});

test('a network of the package beside those that are named is told, for pictures of other things than digits', () => {
  const file = (name: string) => resolvePath(`../../../../docs/results/colour/networks/fashion-${name}.safetensors`);
  const named = ['--evaluator', file('evaluator'), '--feature-network', file('feature-network')];
  const images = join(root, 'gray');
  mkdirSync(images);
  for (let i = 0; i < 24; i++)
    writeFileSync(join(images, `${i}.png`), encodePng(new Uint8Array(784).fill(10 * i), 28, 28));
  const { code, stderr } = runCli(
    [
      'evaluate',
      '--images',
      images,
      '--reference',
      images,
      ...named,
      '--no-thorough',
      '--bootstrap',
      '2',
      '--threads',
      '1',
    ],
    root,
    environment,
  );
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(
    "warning: The network of --second-feature-network is the package's, which knows handwritten digits",
  );
});

test('a run without a test split is scored against what it held out, which its model has not seen', () => {
  const trained = run(
    'train --data bars --run held-out --validation 14 --model modern-unet --channels 8,16 --blocks 1,1 --batch-size 4 --steps 2 --sample-every 0 --threads 1',
  );
  expect(trained.code, trained.stderr).toBe(0);
  const scored = run('evaluate --run held-out -n 20 --steps 2 --bootstrap 2 --no-thorough --threads 1');
  expect(scored.code, scored.stderr).toBe(0);
  expect(scored.stdout).toMatch(/^against 14 images: 14 held-out images of bars/m);
});

test('a training that is evaluated finds these networks too', () => {
  const watched = run(
    'train --data bars --run watched --model modern-unet --channels 8,16 --blocks 1,1 --batch-size 4 --steps 2 --sample-every 0 --threads 1 ' +
      '--evaluate-every 2 --evaluate-samples 12',
  );
  expect(watched.code, watched.stderr).toBe(0);
  expect(watched.stderr).toContain('evaluation     12 samples against training images every 2 steps');
  const [line] = readWatched(join(root, 'watched/metrics.jsonl'));
  // As before: the same weights draw, the same networks look.
  const seen = Object.entries(line?.scores ?? {}).find(([name]) => name.startsWith('Fr'))?.[1];
  expect(seen).toBeGreaterThan(3 * floor);
});

test('pictures without classes have networks that tell how they were turned, and no labels are judged', () => {
  const networks = run('train-evaluator --data flat --epochs 12 --threads 1');
  expect(networks.code, networks.stderr).toBe(0);
  const trained = run(
    'train --data flat --run flat-run --model modern-unet --channels 8,16 --blocks 1,1 --batch-size 4 --steps 2 --sample-every 0 --threads 1',
  );
  expect(trained.code, trained.stderr).toBe(0);
  const scored = run('evaluate --run flat-run -n 30 --steps 2 --bootstrap 2 --threads 1');
  expect(scored.code, scored.stderr).toBe(0);
  expect(scored.stdout).not.toMatch(/Label accuracy|Inception score/);
});

test('splits of different classes are refused, for the labels would be those of other classes', () => {
  for (const name of ['a', 'b', 'c']) {
    for (const split of name === 'a' ? ['train'] : ['train', 'test']) {
      mkdirSync(join(root, 'split', split, name), { recursive: true });
      for (let i = 0; i < 3; i++) writeFileSync(join(root, 'split', split, name, `${i}.png`), picture(true, i));
    }
  }
  const refused = run('train-evaluator --data split --epochs 1 --threads 1');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /has the classes b, c, the training images a, b, c; both need a folder for each class/,
  );
});

test('a run is scored against the images that it was trained on, and says when they are others', () => {
  for (const name of ['a', 'b']) mkdirSync(join(root, 'changing', name), { recursive: true });
  for (let i = 0; i < 120; i++) writeFileSync(join(root, 'changing', 'ab'[i % 2] ?? '', `${i}.png`), picture(true, i));
  const trained = run(
    'train --data changing --run changing-run --model modern-unet --channels 8,16 --blocks 1,1 --batch-size 4 --steps 2 --sample-every 0 --threads 1',
  );
  expect(trained.code, trained.stderr).toBe(0);
  writeFileSync(join(root, 'changing', 'a', '2.png'), picture(false, 99));
  const refused = run('evaluate --run changing-run -n 30 --steps 2 --threads 1');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^error: changing-run was trained on images with the SHA-256 [0-9a-f]{12}, and .* now holds others \([0-9a-f]{12}\)\. Put the former back, or give --data/m,
  );
  const networks = run('train-evaluator --data changing --epochs 1 --threads 1');
  expect(networks.code, networks.stderr).toBe(0);
  const scored = run('evaluate --run changing-run --data changing -n 30 --steps 2 --bootstrap 2 --threads 1');
  expect(scored.code, scored.stderr).toBe(0);
  expect(scored.stderr).toContain('warning: The model was trained on other images than');
});

test('test pictures have the size and the colours of the training pictures', () => {
  for (const split of ['train', 'test']) mkdirSync(join(root, 'mixed', split, 'one'), { recursive: true });
  for (let i = 0; i < 24; i++) {
    writeFileSync(join(root, 'mixed', 'train', 'one', `${i}.png`), picture(true, i));
    writeFileSync(join(root, 'mixed', 'test', 'one', `${i}.png`), encodePng(grayOf(i), 16, 16, 1));
  }
  writeFileSync(join(root, 'mixed', 'train', 'one', 'broken.png'), 'no picture');
  const networks = run('train-evaluator --data mixed --epochs 1 --skip-broken --threads 1');
  expect(networks.code, networks.stderr).toBe(0);
});

function grayOf(seed: number): Uint8Array {
  const random = new RandomStream(seed, 5);
  return Uint8Array.from({ length: 256 }, () => random.integer(256));
}
