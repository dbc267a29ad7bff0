import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imagesAt } from '../../../ts-diffusion/src/data/dataset.js';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import type { Receipt } from '../../../ts-diffusion/src/evaluation/receipt.js';
import { loadEmbeddedDigits } from '../../../ts-diffusion/src/node/data/embedded.js';
import { readCheckpointFile } from '../../../ts-diffusion/src/node/training/checkpoint.js';
import { readWatched } from '../../../ts-diffusion/src/node/training/metrics.js';
import type { WatchedLine } from '../../../ts-diffusion/src/training/metrics-window.js';
import { readEvents } from '../../../ts-diffusion/test/formats/read-events.js';
import { eventFiles } from '../../../ts-diffusion/src/node/training/event-file.js';
import { writeTinyData } from '../tiny-data.js';
import { runCli, type CliResult } from './run-cli.js';

const root = mkdtempSync(join(tmpdir(), 'watching-'));
const environment = { DIFFUSION_DATA_DIR: '', DIFFUSION_CACHE_DIR: join(root, 'no-cache') };
const diffusion = (...args: string[]): CliResult => runCli(args, root, environment);

const FRECHET = 'Frechet distance (CNN features)';
const network = ['--channels', '4,8', '--patch-size', '2', '--timesteps', '4', '--batch-size', '4', '--threads', '1'];
const begin = [
  '--data',
  'embedded',
  '--validation',
  '200',
  '--class-balance',
  '--steps',
  '6',
  '--log-every',
  '2',
  ...network,
];
const watching = ['--validate-every', '2', '--evaluate-every', '3', '--evaluate-samples', '20'];

/** The first digits of the package, as an IDX pair. */
async function writeReals(folder: string): Promise<void> {
  const { images, labels } = imagesAt(
    await loadEmbeddedDigits(),
    Array.from({ length: 60 }, (_, i) => 160 * i),
    'reals',
  );
  mkdirSync(folder);
  writeFileSync(join(folder, 't10k-images-idx3-ubyte'), encodeIdx({ shape: [60, 28, 28], data: images }));
  writeFileSync(join(folder, 't10k-labels-idx1-ubyte'), encodeIdx({ shape: [60], data: labels }));
}

let watched: CliResult;
let lines: WatchedLine[];
beforeAll(async () => {
  await writeReals(join(root, 'reals'));
  watched = diffusion('train', '--run', 'watched', ...begin, ...watching, '--tensorboard', '--sample-every', '6');
  lines = readWatched(join(root, 'watched/metrics.jsonl'));
}, 120_000);
afterAll(() => {
  rmSync(root, { recursive: true });
});

test('a training tells what it watches, and what it found', () => {
  expect(watched.code, watched.stderr).toBe(0);
  expect(watched.stderr).toContain('validation     200 images, 9800 to train on; their loss every 2 steps');
  expect(watched.stderr).toContain('evaluation     20 samples against validation images every 3 steps');
  expect(
    lines.map(({ step, validationLoss, scores }) => [step, typeof validationLoss, typeof scores?.[FRECHET]]),
  ).toEqual([
    [2, 'number', 'undefined'],
    [3, 'undefined', 'number'],
    [4, 'number', 'undefined'],
    [6, 'number', 'number'],
  ]);
  expect(watched.stderr).toMatch(/^step 2: validation loss 0\.\d+$/m);
  expect(watched.stderr).toMatch(/^step 3: .*Frechet distance .* \(best so far\)$/m);
});

test('the event file has the numbers of the metrics and the sample grid', () => {
  const folder = join(root, 'watched');
  const { scalars, images } = readEvents(
    eventFiles(folder).map((name) => new Uint8Array(readFileSync(join(folder, name)))),
  );
  const expected = lines.flatMap(({ step, validationLoss }) =>
    validationLoss === undefined ? [] : [[step, validationLoss]],
  );
  const found = scalars['loss/validation'] ?? [];
  expect(found.map(([step]) => step)).toEqual(expected.map(([step]) => step));
  found.forEach(([, value], i) => {
    expect(value).toBeCloseTo(expected[i]?.[1] as number, 5);
  });
  expect(scalars[`scores/${FRECHET}`]?.map(([step]) => step)).toEqual([3, 6]);
  const grid = readFileSync(join(folder, 'samples/step-000006.png')).toString('base64');
  expect(images['samples']?.map(({ step, png }) => [step, png])).toEqual([[6, grid]]);
});

test('watching with the scoring networks changes no bit of the weights', () => {
  const off = ['--validate-every', '0', '--sample-every', '0'];
  expect(diffusion('train', '--run', 'unwatched', ...begin, ...off).code).toBe(0);
  const [on, unwatched] = ['watched', 'unwatched'].map((run) =>
    readCheckpointFile(join(root, run, 'checkpoint.safetensors')),
  );
  expect(on?.state).toEqual(unwatched?.state);
  expect(existsSync(join(root, 'unwatched/best.safetensors'))).toBe(false);
});

describe('--weights best', () => {
  test('is the averaged weights of the step of the lowest Frechet distance, for sample and export', () => {
    const scored = lines.filter(({ scores }) => scores !== undefined);
    const lowest = scored.reduce((a, b) => ((b.scores?.[FRECHET] ?? 0) < (a.scores?.[FRECHET] ?? 0) ? b : a));
    const best = readCheckpointFile(join(root, 'watched/best.safetensors'));
    expect(best?.step).toBe(lowest.step);
    expect(best?.selection).toEqual({ metric: FRECHET, value: lowest.scores?.[FRECHET], samples: 20 });

    const sample = (out: string, ...from: string[]): Buffer => {
      const drawn = diffusion('sample', ...from, '-n', '2', '--threads', '1', '-o', out);
      expect(drawn.code, drawn.stderr).toBe(0);
      return readFileSync(join(root, out));
    };
    const byName = sample('a.png', '--run', 'watched', '--weights', 'best');
    expect(byName.equals(sample('b.png', '--checkpoint', 'watched/best.safetensors'))).toBe(true);

    expect(diffusion('export', '--run', 'watched', '--weights', 'best', '-o', 'exported').code).toBe(0);
    const exported = readFileSync(join(root, 'exported/model.safetensors'));
    const header = exported.subarray(8, 8 + Number(exported.readBigUInt64LE())).toString();
    expect(header).toContain(`"step":"${best?.step}"`);
  });

  test('is in the receipt of evaluate, with what was held out', () => {
    const scored = diffusion(
      'evaluate',
      '--run',
      'watched',
      '--weights',
      'best',
      '-n',
      '10',
      '--reference',
      'reals',
      '--near-copies',
      '0',
      '--receipt',
      'receipt.json',
    );
    expect(scored.code, scored.stderr).toBe(0);
    const { trained } = JSON.parse(readFileSync(join(root, 'receipt.json'), 'utf8')) as Receipt;
    const best = readCheckpointFile(join(root, 'watched/best.safetensors'));
    expect(trained).toEqual({ validation: 200, classBalance: true, selection: best?.selection });
  });

  test('is refused where a run has none, and for what is no run', () => {
    const none = diffusion('sample', '--run', 'unwatched', '--weights', 'best');
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('unwatched: no best weights (best.safetensors) in this run folder');
    const model = diffusion('sample', '--model', 'quick', '--weights', 'best');
    expect(model.stderr).toContain('--weights best is for runs');
  });
});

test('images that no networks can score are refused before the first step, with the command that trains some', () => {
  writeTinyData(join(root, 'tiny'));
  const refused = diffusion(
    'train',
    '--run',
    'tiny-run',
    '--data',
    'tiny',
    '--steps',
    '3',
    '--evaluate-every',
    '3',
    ...network,
  );
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /The networks in the package cannot score these images: .*diffusion train-evaluator --data tiny/,
  );
  expect(refused.stderr).not.toContain('Training 3 steps');
});
