import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { encode } from 'fast-png';
import { readImageFolder, type ImageSet } from '../src/data/image-folder.js';
import type { Dataset } from '../src/data/dataset.js';
import { loadDataset } from '../src/data/sources.js';
import { FeatureStatistics } from '../src/evaluation/feature-statistics.js';
import { frechetDistance } from '../src/evaluation/frechet-distance.js';
import { InceptionFeatures } from '../src/evaluation/inception/features.js';
import { INCEPTION_FEATURES } from '../src/models/inception-v3.js';
import { createNodeRuntime } from '../src/runtime/node.js';
import { RandomStream } from '../src/utils/random.js';
import { summarise } from './support/statistics.js';

/**
 * FID by this program and by pytorch-fid, on the same PNG files and the same random weights (docs/results/fid-parity.md).
 *
 *     npx tsx bench/fid_parity.ts --python PYTHON [--images 2500] [--colour-images 300]
 */

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    /** Gray digits in each set; more than 2048, or the covariance is singular. */
    images: { type: 'string', default: '2500' },
    /** Colour pictures in each set. */
    'colour-images': { type: 'string', default: '300' },
  },
});
const grayCount = Number(options.images);
const colourCount = Number(options['colour-images']);
/** Images in the sets on which batch sizes are compared. */
const FEW = 50;

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

const peerScript = fileURLToPath(new URL('golden/fid_peer.py', import.meta.url));

/** One command of the peer; its answer is the last line it prints. */
async function peer<T>(command: string, argument: string): Promise<T> {
  const { stdout } = await promisify(execFile)(options.python, [peerScript, command, argument], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

async function peerJob<T>(command: string, job: unknown): Promise<T> {
  const path = join(directory, 'job.json');
  writeFileSync(path, JSON.stringify(job));
  return peer<T>(command, path);
}

const directory = mkdtempSync(join(tmpdir(), 'fid-parity-'));
const folderOf = (name: string): string => join(directory, name);

function writeFolder(name: string, count: number, image: (index: number) => Png): void {
  mkdirSync(folderOf(name));
  for (let i = 0; i < count; i++) {
    writeFileSync(join(folderOf(name), `${String(i).padStart(5, '0')}.png`), encode(image(i)));
  }
}

type Png = Parameters<typeof encode>[0];

const DIGIT = 28;
const [WIDTH, HEIGHT] = [45, 37];

const digit = ({ images }: Dataset, index: number): Uint8Array =>
  images.subarray(index * DIGIT * DIGIT, (index + 1) * DIGIT * DIGIT);

const grayDigit = (digits: Dataset, index: number): Png => ({
  data: digit(digits, index),
  width: DIGIT,
  height: DIGIT,
  channels: 1,
  depth: 8,
});

/** Three digits at random places of a 45x37 picture, in red, green and blue. */
function colourPicture(digits: Dataset, index: number): Png {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const random = new RandomStream(0, 0, index);
  for (let channel = 0; channel < 3; channel++) {
    const [left, top] = [random.integer(WIDTH - DIGIT + 1), random.integer(HEIGHT - DIGIT + 1)];
    digit(digits, 3 * index + channel).forEach((value, pixel) => {
      const [row, column] = [Math.floor(pixel / DIGIT) + top, (pixel % DIGIT) + left];
      data[(row * WIDTH + column) * 3 + channel] = value;
    });
  }
  return { data, width: WIDTH, height: HEIGHT, channels: 3, depth: 8 };
}

async function writeImages(): Promise<void> {
  const digits = { train: await loadDataset({ split: 'train' }), test: await loadDataset({ split: 'test' }) };
  for (const split of ['train', 'test'] as const) {
    writeFolder(`gray-${split}`, grayCount, (i) => grayDigit(digits[split], i));
    writeFolder(`colour-${split}`, colourCount, (i) => colourPicture(digits[split], i));
  }
  writeFolder('few-gray', FEW, (i) => grayDigit(digits.test, i));
  writeFolder('few-colour', FEW, (i) => colourPicture(digits.test, i));
}

/** Largest difference of a feature relative to its size plus the mean feature, and of a feature vector in the 2-norm. */
function differences(ours: Float32Array, theirs: Float32Array): { element: number; vector: number } {
  const mean = theirs.reduce((sum, value) => sum + Math.abs(value), 0) / theirs.length;
  let [element, vector] = [0, 0];
  for (let start = 0; start < theirs.length; start += INCEPTION_FEATURES) {
    let [difference, norm] = [0, 0];
    for (let i = start; i < start + INCEPTION_FEATURES; i++) {
      const [a, b] = [ours[i] as number, theirs[i] as number];
      element = Math.max(element, Math.abs(a - b) / (Math.abs(b) + mean));
      difference += (a - b) ** 2;
      norm += b ** 2;
    }
    vector = Math.max(vector, Math.sqrt(difference / norm));
  }
  return { element, vector };
}

function fid(a: Float32Array, b: Float32Array): number {
  const [first, second] = [a, b].map((features) => {
    const statistics = new FeatureStatistics(INCEPTION_FEATURES);
    statistics.add(features);
    return statistics;
  }) as [FeatureStatistics, FeatureStatistics];
  return frechetDistance(first, second);
}

const first = (set: ImageSet, count: number): ImageSet => ({
  ...set,
  count,
  images: set.images.subarray(0, (set.images.length / set.count) * count),
});
const readFolder = (name: string): Promise<ImageSet> =>
  readImageFolder(folderOf(name), { mode: name.includes('gray') ? 'gray' : 'rgb' });

const sets = ['gray-test', 'gray-train', 'colour-test', 'colour-train'];
const fewSets = ['few-gray', 'few-colour'];
const batchSizes = [50, 7, 1];
const peerFile = (name: string, batchSize = 50): string => join(directory, `${name}-${batchSize}.bin`);
const peerFeatures = (name: string, batchSize = 50): Float32Array =>
  new Float32Array(new Uint8Array(readFileSync(peerFile(name, batchSize))).buffer);

/** Writes the features of every set by pytorch-fid, and returns its speed for each of `sets`. */
async function runPeer(weights: string): Promise<number[]> {
  const jobs = [
    ...sets.map((name) => ({ name, batchSize: 50 })),
    ...fewSets.flatMap((name) => batchSizes.map((batchSize) => ({ name, batchSize }))),
  ];
  const answers = await peerJob<{ imagesPerSecond: number }[]>('features', {
    weights,
    sets: jobs.map(({ name, batchSize }) => ({ folder: folderOf(name), batchSize, output: peerFile(name, batchSize) })),
  });
  return answers.map(({ imagesPerSecond }) => imagesPerSecond);
}

const scientific = (value: number): string => value.toExponential(1);

async function compareFeatures(
  network: InceptionFeatures,
  peerSpeeds: readonly number[],
): Promise<Map<string, Float32Array>> {
  say(
    '| images | images/s here (batches of 8: median, best) | pytorch-fid (batches of 50) | largest difference of a feature | of a feature vector |',
  );
  say('|---|---|---|---|---|');
  const features = new Map<string, Float32Array>();
  for (const [index, name] of sets.entries()) {
    const images = await readFolder(name);
    await network.extract(first(images, 8)); // compiles the network for this size
    const times = [performance.now()];
    const ours = await network.extract(images, { batchSize: 8, onProgress: () => times.push(performance.now()) });
    const speed = summarise(times.slice(1).map((time, batch) => 8000 / (time - (times[batch] ?? NaN))));
    features.set(name, ours);
    const { element, vector } = differences(ours, peerFeatures(name));
    const speeds = `${speed.median.toFixed(1)}, ${speed.maximum.toFixed(1)} | ${(peerSpeeds[index] ?? NaN).toFixed(1)}`;
    say(
      `| ${images.count} ${name}, ${images.width}x${images.height} | ${speeds} | ${scientific(element)} | ${scientific(vector)} |`,
    );
  }
  return features;
}

async function compareBatchSizes(network: InceptionFeatures): Promise<void> {
  say(`\n| ${FEW} images | batch | here, to batch 8 | pytorch-fid, to its batch 50 | here to pytorch-fid |`);
  say('|---|---|---|---|---|');
  for (const name of fewSets) {
    const images = await readFolder(name);
    const usual = await network.extract(images);
    for (const batchSize of batchSizes) {
      const ours = await network.extract(images, { batchSize });
      const theirs = peerFeatures(name, batchSize);
      const cells = [differences(ours, usual), differences(theirs, peerFeatures(name)), differences(ours, theirs)];
      say(`| ${name} | ${batchSize} | ${cells.map(({ element }) => scientific(element)).join(' | ')} |`);
    }
  }
}

async function compareDistances(features: ReadonlyMap<string, Float32Array>): Promise<void> {
  const pairs = [
    ['gray-test', 'gray-train', grayCount],
    ['gray-test', 'gray-train', colourCount],
    ['colour-test', 'colour-train', colourCount],
    ['gray-test', 'colour-test', colourCount],
  ] as const;
  const theirs = await peerJob<number[]>('distances', {
    pairs: pairs.map(([a, b, count]) => ({ files: [peerFile(a), peerFile(b)], count })),
  });
  say('\n| distance between | images each | here | pytorch-fid | relative difference |');
  say('|---|---|---|---|---|');
  pairs.forEach(([a, b, count], index) => {
    const [ofA, ofB] = [a, b].map((name) => features.get(name)?.subarray(0, count * INCEPTION_FEATURES)) as [
      Float32Array,
      Float32Array,
    ];
    const [here, there] = [fid(ofA, ofB), theirs[index] ?? NaN];
    const relative = scientific(Math.abs(here - there) / there);
    say(`| ${a}, ${b} | ${count} | ${here.toFixed(6)} | ${there.toFixed(6)} | ${relative} |`);
  });
}

try {
  await writeImages();
  const { versions, ...weights } = await peer<Record<'zip' | 'legacy', string> & { versions: Record<string, string> }>(
    'weights',
    directory,
  );
  const peerSpeeds = await runPeer(weights.zip);
  const runtime = await createNodeRuntime();
  const network = await InceptionFeatures.load(runtime, { path: weights.legacy });
  say(`${runtime.version}, ${runtime.threads} threads, Node ${process.version.slice(1)}, ${cpus()[0]?.model ?? ''}`);
  say(
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}\n`,
  );

  const other = await InceptionFeatures.load(runtime, { path: weights.zip });
  const few = await readFolder('few-gray');
  const same = differences(await other.extract(few), await network.extract(few)).element === 0;
  await other.dispose();
  say(
    `Weights read from the zip archive and from the older format give ${same ? 'the same features' : 'OTHER features'}.\n`,
  );

  const features = await compareFeatures(network, peerSpeeds);
  await compareBatchSizes(network);
  await network.dispose();
  await compareDistances(features);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
