import { type ImageSet } from '../packages/ts-diffusion/src/data/image-set.js';
import { loadInceptionWeights } from '../packages/ts-diffusion/src/node/evaluation/inception-weights.js';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs, promisify } from 'node:util';
import { readImageFolder } from '../packages/ts-diffusion/src/node/data/image-folder.js';
import { loadDataset } from '../packages/ts-diffusion/src/node/data/sources.js';
import { FeatureStatistics } from '../packages/ts-diffusion/src/evaluation/feature-statistics.js';
import { createFeatures } from '../packages/ts-diffusion/src/evaluation/features.js';
import { frechetDistance } from '../packages/ts-diffusion/src/evaluation/frechet-distance.js';
import { InceptionFeatures } from '../packages/ts-diffusion/src/evaluation/inception/features.js';
import { describeMachine } from '../packages/ts-diffusion/src/node/platform/machine.js';
import { INCEPTION_FEATURES } from '../packages/ts-diffusion/src/models/inception-v3.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { colourPicture, grayDigit, writePngs } from './support/fid-images.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';

/**
 * FID by this program and by pytorch-fid, on the same PNG files and the same random weights (docs/results/fid-parity.md).
 *
 *     npx tsx bench/fid-parity.ts --python PYTHON [--images 2500] [--colour-images 300] [--threads 2]
 */

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    /** Gray digits in each set; the covariance of 2048 or fewer is singular. */
    images: { type: 'string', default: '2500' },
    /** Colour pictures in each set. */
    'colour-images': { type: 'string', default: '300' },
    /** Of both programs. */
    threads: { type: 'string', default: '2' },
  },
});
const grayCount = wholeNumber('images', options.images);
const colourCount = wholeNumber('colour-images', options['colour-images']);
/** Images in the sets on which batch sizes are compared. */
const FEW = 14;

const peerScript = fileURLToPath(new URL('golden/fid_peer.py', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'fid-parity-'));
const folderOf = (name: string): string => join(directory, name);

/** One command of the peer; its answer is the last line it prints. */
async function peer<T>(command: string, argument: string): Promise<T> {
  const env = { ...process.env, OMP_NUM_THREADS: options.threads };
  const { stdout } = await promisify(execFile)(options.python, [peerScript, command, argument], { env });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as T;
}

async function peerJob<T>(command: string, job: unknown): Promise<T> {
  const path = join(directory, 'job.json');
  writeFileSync(path, JSON.stringify(job));
  return peer<T>(command, path);
}

async function writeImages(): Promise<void> {
  const digits = { train: await loadDataset({ split: 'train' }), test: await loadDataset({ split: 'test' }) };
  for (const split of ['train', 'test'] as const) {
    writePngs(folderOf(`gray-${split}`), grayCount, (i) => grayDigit(digits[split], i));
    writePngs(folderOf(`colour-${split}`), colourCount, (i) => colourPicture(digits[split], i));
  }
  writePngs(folderOf('few-gray'), FEW, (i) => grayDigit(digits.test, i));
  writePngs(folderOf('few-colour'), FEW, (i) => colourPicture(digits.test, i));
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

const readFolder = (name: string): Promise<ImageSet> =>
  readImageFolder(folderOf(name), { mode: name.includes('gray') ? 'gray' : 'rgb' });

const sets = ['gray-test', 'gray-train', 'colour-test', 'colour-train'];
const fewSets = ['few-gray', 'few-colour'];
const batchSizes = [FEW, 7, 1];
/** pytorch-fid's default. */
const PEER_BATCH = 50;
const peerFile = (name: string, batchSize = PEER_BATCH): string => join(directory, `${name}-${batchSize}.bin`);
const peerFeatures = (name: string, batchSize = PEER_BATCH): Float32Array =>
  new Float32Array(new Uint8Array(readFileSync(peerFile(name, batchSize))).buffer);

/** What a set of images cost. Processor time is of all threads; what else runs on the machine hardly changes it. */
interface Cost {
  readonly seconds: number;
  readonly processorSeconds: number;
}

/** Writes the features of every set by pytorch-fid, and returns what each of `sets` cost it. */
async function runPeer(weights: string): Promise<Cost[]> {
  const jobs = [
    ...sets.map((name) => ({ name, batchSize: PEER_BATCH })),
    ...fewSets.flatMap((name) => batchSizes.map((batchSize) => ({ name, batchSize }))),
  ];
  return peerJob('features', {
    weights,
    sets: jobs.map(({ name, batchSize }) => ({ folder: folderOf(name), batchSize, output: peerFile(name, batchSize) })),
  });
}

/** The features of a set, and what they cost once the network is compiled. */
async function extract(network: InceptionFeatures, images: ImageSet): Promise<Cost & { features: Float32Array }> {
  const { height, width, channels = 1 } = images;
  await network.extract({ ...images, count: 1, images: images.images.subarray(0, height * width * channels) });
  const [start, before] = [performance.now(), process.cpuUsage()];
  const features = await network.extract(images);
  const { user, system } = process.cpuUsage(before);
  return { features, seconds: (performance.now() - start) / 1e3, processorSeconds: (user + system) / 1e6 };
}

const scientific = (value: number): string => value.toExponential(1);

async function compareFeatures(
  network: InceptionFeatures,
  peerCosts: readonly Cost[],
): Promise<Map<string, Float32Array>> {
  say(
    '| images | images/s here | by pytorch-fid | processor seconds per image here | by pytorch-fid | largest difference of a feature | of a feature vector |',
  );
  say('| --- | --- | --- | --- | --- | --- | --- |');
  const features = new Map<string, Float32Array>();
  for (const [index, name] of sets.entries()) {
    const images = await readFolder(name);
    const ours = await extract(network, images);
    features.set(name, ours.features);
    const { element, vector } = differences(ours.features, peerFeatures(name));
    const costs = [ours, peerCosts[index] as Cost];
    const cells = [
      `${images.count} ${name}, ${images.width}x${images.height}`,
      ...costs.map(({ seconds }) => (images.count / seconds).toFixed(1)),
      ...costs.map(({ processorSeconds }) => (processorSeconds / images.count).toFixed(3)),
      scientific(element),
      scientific(vector),
    ];
    say(`| ${cells.join(' | ')} |`);
  }
  return features;
}

async function compareBatchSizes(network: InceptionFeatures): Promise<void> {
  say(`\n| ${FEW} images | batch | here, to batch 8 | pytorch-fid, to its batch ${FEW} | here to pytorch-fid |`);
  say('| --- | --- | --- | --- | --- |');
  for (const name of fewSets) {
    const images = await readFolder(name);
    const usual = await network.extract(images);
    for (const batchSize of batchSizes) {
      const ours = await network.extract(images, { batchSize });
      const theirs = peerFeatures(name, batchSize);
      const cells = [differences(ours, usual), differences(theirs, peerFeatures(name, FEW)), differences(ours, theirs)];
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
  say('\n| distance between | images each | here | by pytorch-fid | relative difference |');
  say('| --- | --- | --- | --- | --- |');
  pairs.forEach(([a, b, count], index) => {
    const statisticsOf = (name: string): FeatureStatistics => {
      const some = features.get(name)?.subarray(0, count * INCEPTION_FEATURES);
      return FeatureStatistics.of(createFeatures(some as Float32Array, INCEPTION_FEATURES));
    };
    const [here, there] = [frechetDistance(statisticsOf(a), statisticsOf(b)), theirs[index] ?? NaN];
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
  const peerCosts = await runPeer(weights.zip);
  const runtime = await createNodeRuntime({ threads: wholeNumber('threads', options.threads, 0) });
  const network = new InceptionFeatures(runtime, await loadInceptionWeights({ path: weights.legacy }));
  heading('FID', `npx tsx bench/fid-parity.ts ${process.argv.slice(2).join(' ')}`);
  say(`- here: ${describeMachine(runtime)}`);
  const peerVersions = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  say(`- compared with: ${peerVersions.join(', ')}, ${options.threads} threads\n`);

  const { tensors } = await loadInceptionWeights({ path: weights.zip });
  const same = isDeepStrictEqual(tensors, network.weights.tensors);
  say(`The zip archive and the older format of torch.save contain ${same ? 'the same' : 'DIFFERENT'} weights.\n`);

  const features = await compareFeatures(network, peerCosts);
  await compareBatchSizes(network);
  await network.dispose();
  await compareDistances(features);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
