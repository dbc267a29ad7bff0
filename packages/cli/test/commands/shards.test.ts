import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeIdx } from '../../../ts-diffusion/src/data/idx.js';
import { readReceipt } from '../../../ts-diffusion/src/node/evaluation/receipt-file.js';
import type { ScoredImages } from '../../../ts-diffusion/src/evaluation/scored-images.js';
import { encodeCheckpoint } from '../../../ts-diffusion/src/training/checkpoint-format.js';
import { digitSets } from '../../../ts-diffusion/test/evaluation/untrained-networks.js';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import { tinyCheckpoint, tinyUNet, writeTinyRun } from '../../../ts-diffusion/test/pipeline/tiny-model.js';
import { runCli, type CliResult } from './run-cli.js';

patientTests();

let folder: string;
const inFolder = (...names: string[]): string => join(folder, ...names);
const run = (...args: string[]): CliResult => runCli(args, folder, { DIFFUSION_CACHE_DIR: inFolder('cache') });
const done = (...args: string[]): string => {
  const { code, stdout, stderr } = run(...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const refusal = (...args: string[]): string => {
  const { code, stderr } = run(...args);
  expect(code).toBe(1);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  return stderr;
};
const shardsIn = (name: string): string[] => readdirSync(inFolder(name)).sort();

function writeIdxPair(path: string, { images, labels, count, height, width }: ScoredImages): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(`${path}-images-idx3-ubyte`, encodeIdx({ shape: [count, height, width], data: images }));
  writeFileSync(`${path}-labels-idx1-ubyte`, encodeIdx({ shape: [count], data: Uint8Array.from(labels ?? []) }));
}

/** Five batches of 20 images. */
const draw = ['sample', '--run', 'small', '-n', '100', '-b', '20', '--steps', '2', '--threads', '1'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-shards-'));
  writeTinyRun(inFolder('small'));
  const [training, test] = (await digitSets(300, 300)) as [ScoredImages, ScoredImages];
  writeIdxPair(inFolder('data', 'train'), training);
  writeIdxPair(inFolder('data', 't10k'), test);
  mkdirSync(inFolder('run'));
  const checkpoint = { ...tinyCheckpoint(), model: { ...tinyUNet, imageSize: 28 } };
  writeFileSync(inFolder('run', 'checkpoint.safetensors'), encodeCheckpoint(checkpoint));
  for (const shard of ['3/3', '1/3', '2/3']) done(...draw, '--out', 'drawn', '--shard', shard);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('pictures of three shards', () => {
  test.each([
    ['grid', 'whole.png', 'merged.png'],
    ['png', 'whole-png', 'merged-png'],
    ['idx', 'whole-idx', 'merged-idx'],
  ])('as %s are those of one process, to the bit', (format, whole, merged) => {
    done(...draw, '--format', format, '--out', whole);
    // In another order, and one of them twice.
    const [first = '', second = '', third = ''] = shardsIn('drawn').map((name) => join('drawn', name));
    done('merge', third, first, second, third, '--format', format, '--out', merged);
    const filesOf = (path: string): string[] =>
      format === 'grid' ? [path] : shardsIn(path).map((name) => join(path, name));
    const [ours, theirs] = [filesOf(merged), filesOf(whole)];
    expect(ours).toHaveLength(format === 'png' ? 100 : format === 'idx' ? 2 : 1);
    expect(ours.map((path) => readFileSync(inFolder(path)))).toEqual(
      theirs.map((path) => readFileSync(inFolder(path))),
    );
  });

  test('are not drawn again', () => {
    const path = inFolder('drawn', shardsIn('drawn')[1] ?? '');
    const before = readFileSync(path);
    const { code, stderr } = run(...draw, '--out', 'drawn', '--shard', '2/3');
    expect({ code, again: stderr.includes('not computed again') }).toEqual({ code: 0, again: true });
    expect(readFileSync(path)).toEqual(before);
  });
});

describe('one clear sentence for', () => {
  test.each([
    ['3/2', 'Of 2 shards there is no number 3: they are 1/2 to 2/2.'],
    ['0/4', 'Of 4 shards there is no number 0: they are 1/4 to 4/4.'],
    ['1/0', 'Expected at least one shard'],
    ['2', 'such as 2/8'],
    [
      '6/6',
      '100 images in batches of 20 are 5 batches, too few for 6 shards, which are whole batches; give --batch-size 19 or less',
    ],
  ])('shard %s', (shard, message) => {
    expect(refusal(...draw, '--shard', shard)).toContain(message);
  });

  test('a format that a shard has not', () => {
    expect(refusal(...draw, '--shard', '1/2', '--animate')).toContain("cannot be used with option '--animate'");
  });

  test('a missing shard, and no shards at all', () => {
    const [first = '', second = '', third = ''] = shardsIn('drawn');
    const text = refusal('merge', join('drawn', first), join('drawn', third));
    expect(text).toContain(`A shard is missing of 3: ${join('drawn', second)}. Run the command that made`);
    expect(text).toContain('with --shard 2/3');
    expect(refusal('merge', 'data')).toContain('data: this folder holds no shards');
    expect(refusal('merge', 'nowhere')).toContain('nowhere: no such shard');
  });

  test.each([
    ['seed', ['--seed', '5'], 'generation.seed is 0 and 5'],
    ['model', ['--weights', 'model'], 'generation.weights is'],
  ])('shards of another %s', (name, others, message) => {
    const other = `other ${name}`;
    done(...draw, ...others, '--out', other, '--shard', '1/3');
    const [first = ''] = shardsIn('drawn').map((each) => join('drawn', each));
    const [odd = ''] = shardsIn(other).map((each) => join(other, each));
    const text = refusal('merge', first, odd);
    expect(text).toContain(`${first} and ${odd} do not fit together: ${message}`);
  });

  test('shards of another network with the same weights', () => {
    const checkpoint = tinyCheckpoint();
    mkdirSync(inFolder('larger'));
    writeFileSync(
      inFolder('larger', 'checkpoint.safetensors'),
      encodeCheckpoint({ ...checkpoint, model: { ...checkpoint.model, imageSize: 12 } }),
    );
    const [first = ''] = shardsIn('drawn').map((each) => join('drawn', each));
    done(...draw, '--run', 'larger', '--out', 'of larger', '--shard', '1/3');
    const [odd = ''] = shardsIn('of larger').map((each) => join('of larger', each));
    expect(refusal('merge', first, odd)).toContain(`${first} and ${odd} do not fit together: network is`);
  });

  test('shards of another number of them', () => {
    done(...draw, '--out', 'halves', '--shard', '1/2');
    expect(refusal('merge', 'drawn', 'halves')).toContain('shards is 3 and 2');
  });

  test('a damaged shard, which is computed again where it belongs', () => {
    mkdirSync(inFolder('damaged'));
    for (const name of shardsIn('drawn')) copyFileSync(inFolder('drawn', name), inFolder('damaged', name));
    const [, second = ''] = shardsIn('damaged').map((name) => join('damaged', name));
    const bytes = readFileSync(inFolder(second));
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 7] = (flipped[bytes.length - 7] ?? 0) ^ 1;
    writeFileSync(inFolder(second), flipped);
    expect(refusal('merge', 'damaged')).toContain(`${second}: the checksum does not match`);
    writeFileSync(inFolder(second), bytes.subarray(0, 3000));
    expect(refusal('merge', 'damaged')).toContain(`${second}: not a valid safetensors file`);
    done(...draw, '--out', 'damaged', '--shard', '2/3');
    done('merge', 'damaged', '--out', 'again.png');
  });

  test('--shard without --statistics', () => {
    expect(refusal('evaluate', '--run', 'run', '--shard', '1/2')).toContain('--shard goes with --statistics');
  });
});

/** 600 images: drawn in five batches of 120, shown to the networks in three of 200, so that no edges but the last coincide. */
const settings = ['--data', 'data', '--near-copies', '20', '--bootstrap', '3', '--threads', '1'];
const score = ['evaluate', '--run', 'run', '--sampler', 'ddim', '--steps', '2', '-n', '600', ...settings];
const MOMENTS_ONLY = [
  "Frechet distance (a second network's features)",
  "Frechet distance (evaluator's maps)",
  'Frechet distance (random convolutions)',
];

/** What of a receipt does not depend on when, where and by which command it was computed. */
function lasting(path: string) {
  const { scores, images, generation, trained, warnings, program } = readReceipt(inFolder(path));
  const exact = scores.filter(({ metric }) => !MOMENTS_ONLY.includes(metric) && !metric.startsWith('Worst'));
  return {
    exact,
    others: scores.filter((each) => !exact.includes(each)),
    images,
    generation,
    trained,
    warnings,
    program,
  };
}

/** The report: from the number of images to the first of what is written. */
function table(stdout: string): string {
  const begin = stdout.indexOf('600 images: ');
  return stdout.slice(begin, stdout.indexOf('\nWrote', begin));
}

test('scores of shards are those of one process', () => {
  const whole = done(...score, '--receipt', 'whole.json');
  for (const shard of ['2/2', '1/2']) done(...score, '--statistics', 'measured', '--shard', shard);
  const merged = done('merge', 'measured', '--receipt', 'merged.json', '--pictures', 'seen', '--threads', '1');
  const [ours, theirs] = [lasting('merged.json'), lasting('whole.json')];
  expect(theirs.exact.length).toBeGreaterThan(10);
  expect(theirs.others).toHaveLength(MOMENTS_ONLY.length + 1);
  for (const [i, { value, floor, ...rest }] of ours.others.entries()) {
    const { value: ofOne = NaN, floor: floorOfOne, ...restOfOne } = theirs.others[i] ?? { metric: '' };
    expect({ floor, ...rest }).toEqual({ floor: floorOfOne, ...restOfOne });
    expect(Math.abs(value / ofOne - 1), rest.metric).toBeLessThan(1e-10);
  }
  expect({ ...ours, others: [] }).toEqual({ ...theirs, others: [] });
  expect(table(merged)).toBe(table(whole));
  expect(shardsIn('seen')).toEqual([
    'confusion.svg',
    'grey-levels.svg',
    'nearest-training-images.png',
    'stroke-widths.svg',
  ]);
  // Where the real images are now is told again; other ones are refused.
  expect(refusal('merge', 'measured', '--data', 'run')).toContain('run');
  const swapped = ['--reference', 'data/train-images-idx3-ubyte', '--training', 'data/t10k-images-idx3-ubyte'];
  expect(refusal('merge', 'measured', ...swapped)).toContain('images to score against of the SHA-256');
}, 300_000);

test('drawn shards are scored in shards, too', () => {
  const drawn = ['sample', '--run', 'run', '--sampler', 'ddim', '--steps', '2', '-n', '600', '--threads', '1'];
  for (const shard of ['1/2', '2/2']) done(...drawn, '--out', 'all', '--shard', shard);
  done('merge', 'all', '--format', 'idx', '--out', 'as-idx');
  const quick = [...settings, '--no-thorough'];
  done('evaluate', '--images', 'as-idx', ...quick, '--receipt', 'of-idx.json');
  for (const shard of ['1/3', '2/3', '3/3']) {
    done('evaluate', '--images', 'all', ...quick, '--statistics', 'thirds', '--shard', shard);
  }
  done('merge', 'thirds', '--receipt', 'of-shards.json');
  const [ofShards, ofIdx] = [lasting('of-shards.json'), lasting('of-idx.json')];
  expect(ofShards.exact).toEqual(ofIdx.exact);
  expect(ofShards.images.sha256).toBe(ofIdx.images.sha256);
  expect(ofIdx.generation).toBeNull();
  expect(ofShards.generation).toMatchObject({ sampler: 'ddim', samplingSteps: 2, seed: 0 });
}, 300_000);
