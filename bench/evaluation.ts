import { parseArgs } from 'node:util';
import { FeatureStatistics } from '../packages/ts-diffusion/src/evaluation/feature-statistics.js';
import { createFeatures, type Features } from '../packages/ts-diffusion/src/evaluation/features.js';
import { bootstrapFrechetDistance, frechetDistance } from '../packages/ts-diffusion/src/evaluation/frechet-distance.js';
import { kernelInceptionDistance } from '../packages/ts-diffusion/src/evaluation/kernel-inception-distance.js';
import { nearestNeighbours } from '../packages/ts-diffusion/src/evaluation/nearest-neighbours.js';
import { precisionRecall } from '../packages/ts-diffusion/src/evaluation/precision-recall.js';
import { RandomStream } from '../packages/ts-diffusion/src/utils/random.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';

/** How long scores take once the features are there: random features, whose values the time does not depend on. */
const { values: options } = parseArgs({ options: { images: { type: 'string', default: '10000' } } });
const images = wholeNumber('images', options.images);

function randomFeatures(seed: number, count: number, dimension: number): Features {
  const data = new Float32Array(count * dimension);
  new RandomStream(seed).fillNormal(data);
  return createFeatures(data, dimension);
}

function measure<Result>(name: string, work: () => Result): Result {
  const start = performance.now();
  const result = work();
  say(`| ${name} | ${((performance.now() - start) / 1000).toFixed(2)} s |`);
  return result;
}

heading('Scores', `npx tsx bench/evaluation.ts ${process.argv.slice(2).join(' ')}`);
say(`\n| ${images} images | time |`);
say('|---|---|');
for (const dimension of [256, 2048]) {
  const [samples, reference] = [randomFeatures(0, images, dimension), randomFeatures(1, images, dimension)];
  const a = measure(`mean and covariance, ${dimension} features`, () => {
    const statistics = FeatureStatistics.of(samples);
    statistics.covariance();
    return statistics;
  });
  const b = FeatureStatistics.of(reference);
  measure(`Fréchet distance between statistics, ${dimension} features`, () => frechetDistance(a, b));
  if (dimension > 256) continue;
  measure('Fréchet distance, 20 resamples of the bootstrap, 256 features', () =>
    bootstrapFrechetDistance(samples, b, { resamples: 20, seed: 0 }),
  );
  measure('KID, 100 subsets of 1000, 256 features', () =>
    kernelInceptionDistance(samples, reference, { seed: 0, subsetSize: Math.min(1000, images) }),
  );
  measure('precision, recall, density, coverage, 256 features', () => precisionRecall(reference, samples));
}
const [samples, training] = [randomFeatures(2, images / 10, 784), randomFeatures(3, 6 * images, 784)];
measure(`nearest of ${training.rows} training images for ${samples.rows}, 784 pixels`, () =>
  nearestNeighbours(samples, training),
);
