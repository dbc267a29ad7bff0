import { parseArgs } from 'node:util';
import { writeGrid } from '../packages/cli/src/output/write-images.js';
import { batchIndices } from '../packages/ts-diffusion/src/data/batches.js';
import type { Dataset } from '../packages/ts-diffusion/src/data/dataset.js';
import { loadDataset } from '../packages/ts-diffusion/src/node/data/sources.js';
import { Classifier } from '../packages/ts-diffusion/src/classifier/classifier.js';
import { FeatureStatistics } from '../packages/ts-diffusion/src/evaluation/feature-statistics.js';
import { createFeatures, type Features } from '../packages/ts-diffusion/src/evaluation/features.js';
import { bootstrapFrechetDistance, frechetDistance } from '../packages/ts-diffusion/src/evaluation/frechet-distance.js';
import { describeMachine } from '../packages/ts-diffusion/src/node/platform/machine.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { degradations, selectImages } from './support/degradations.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';

/**
 * How well a Fréchet distance over different features notices that digits are worse than real ones: the distance of test
 * digits, degraded in many ways, to as many training digits, beside its floor, the distance of the test digits as they are
 * (docs/results/evaluators.md).
 *
 *     npx tsx bench/feature-sensitivity.ts [--images 500] [--picture degradations.png]
 */
const { values: options } = parseArgs({
  options: {
    images: { type: 'string', default: '500' },
    resamples: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string', default: '1' },
    /** Where a picture of the degraded digits goes: a row for each line of the table, at its last level. */
    picture: { type: 'string' },
  },
});
const count = wholeNumber('images', options.images);
const resamples = wholeNumber('resamples', options.resamples);
const seed = wholeNumber('seed', options.seed, 0);
const PICTURED = 12;

const runtime = await createNodeRuntime({ threads: wholeNumber('threads', options.threads, 0) });

/** Digits of a data set, drawn at random: MNIST's are in the order in which they were collected. */
async function someDigits(split: 'train' | 'test'): Promise<Dataset> {
  const dataset = await loadDataset({ split });
  const rows = batchIndices(seed, 0, count, dataset.count);
  const labels = Uint8Array.from(rows, (row) => dataset.labels[row] as number);
  return { ...dataset, count, labels, images: selectImages(dataset, rows) };
}
const [train, test] = [await someDigits('train'), await someDigits('test')];

type Extract = (images: Uint8Array) => Promise<Features>;

async function lastHiddenLayer(name: 'evaluator' | 'feature-network'): Promise<Extract> {
  const classifier = await Classifier.load(name, runtime);
  return async (images) =>
    createFeatures((await classifier.classify({ ...test, images })).features, classifier.network.features);
}

const extractors: Record<string, Extract> = {
  'feature network': await lastHiddenLayer('feature-network'),
  "the paper's evaluator": await lastHiddenLayer('evaluator'),
  pixels: (images) => Promise.resolve(createFeatures(Float32Array.from(images), test.height * test.width)),
};

/** A Fréchet distance over one kind of features, and what it is of the digits as they are. */
interface Measure {
  readonly title: string;
  readonly distanceOf: (images: Uint8Array) => Promise<number>;
  readonly floor: { readonly distance: number; readonly standardError: number };
}

async function createMeasure([name, extract]: [string, Extract]): Promise<Measure> {
  const target = FeatureStatistics.of(await extract(train.images));
  return {
    title: `${name} (${target.dimension})`,
    distanceOf: async (images) => frechetDistance(FeatureStatistics.of(await extract(images)), target),
    floor: bootstrapFrechetDistance(await extract(test.images), target, { resamples, seed }),
  };
}

heading('Sensitivity of features', `npx tsx bench/feature-sensitivity.ts ${process.argv.slice(2).join(' ')}`);
say(`- ${describeMachine(runtime)}; seed ${seed}; ${count} test digits against ${count} training digits\n`);
const measures: Measure[] = [];
for (const each of Object.entries(extractors)) measures.push(await createMeasure(each));
say('Increase of the distance over its floor in standard errors, at each level.\n');
say(`| degradation | levels | ${measures.map(({ title }) => title).join(' | ')} |`);
say(`| --- | --- |${measures.map(() => ' --- |').join('')}`);
const floors = measures.map(
  ({ floor: { distance, standardError } }) => `${distance.toPrecision(3)} ± ${standardError.toPrecision(2)}`,
);
say(`| none (floor) | | ${floors.join(' | ')} |`);
const pictured: Uint8Array[] = [];
for (const { name, unit, levels, apply } of degradations) {
  const degraded = levels.map((level) => apply(test, level, seed));
  pictured.push((degraded.at(-1) as Uint8Array).subarray(0, PICTURED * test.height * test.width));
  const cells: string[] = [];
  for (const { distanceOf, floor } of measures) {
    const errors: string[] = [];
    for (const images of degraded) {
      errors.push((((await distanceOf(images)) - floor.distance) / floor.standardError).toFixed(1));
    }
    cells.push(errors.join(', '));
  }
  say(`| ${name}: ${unit} | ${levels.join(', ')} | ${cells.join(' | ')} |`);
}
if (options.picture !== undefined) {
  await writeGrid(options.picture, Buffer.concat(pictured), test, PICTURED);
}
