import { parseArgs } from 'node:util';
import { batchIndices } from '../src/data/batches.js';
import { loadDataset } from '../src/data/sources.js';
import { Classifier } from '../src/evaluation/classifier.js';
import { FeatureStatistics } from '../src/evaluation/feature-statistics.js';
import { createFeatures, type Features } from '../src/evaluation/features.js';
import { bootstrapFrechetDistance, frechetDistance } from '../src/evaluation/frechet-distance.js';
import { describeMachine } from '../src/evaluation/machine.js';
import { createNodeRuntime } from '../src/runtime/node.js';
import { degradations } from './support/degradations.js';
import { say } from './support/report.js';

/**
 * How well a Fréchet distance over different features notices that digits are worse than real ones: the distance of the test
 * digits, degraded in many ways, to as many training digits, beside its floor, the distance of the test digits as they are
 * (docs/results/evaluators.md).
 *
 *     npx tsx bench/feature_sensitivity.ts [--features network,logits,pixels,evaluator] [--levels 0,1,2]
 */
const { values: options } = parseArgs({
  options: {
    features: { type: 'string', default: 'network,logits,pixels' },
    /** Which levels of each degradation, from hardly visible to plain. */
    levels: { type: 'string', default: '0,1,2' },
    resamples: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
    evaluator: { type: 'string', default: 'evaluator' },
    network: { type: 'string', default: 'feature-network' },
  },
});
const seed = Number(options.seed);
const levels = options.levels.split(',').map(Number);

const runtime = await createNodeRuntime();
const [train, test] = [await loadDataset({ split: 'train' }), await loadDataset({ split: 'test' })];
const pixels = test.height * test.width;

/** As many training digits as test digits, drawn at random. */
const reference = new Uint8Array(test.images.length);
batchIndices(seed, 0, test.count, train.count).forEach((index, i) => {
  reference.set(train.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
});

type Extract = (images: Uint8Array) => Promise<Features>;

function classifierFeatures(source: string, what: 'features' | 'logits'): () => Promise<Extract> {
  return async () => {
    const classifier = await Classifier.load(source, runtime);
    return async (images) => {
      const classified = await classifier.classify({ ...test, images });
      return createFeatures(classified[what], classified[what].length / classified.count);
    };
  };
}

const extractors: Record<string, { title: string; load: () => Promise<Extract> }> = {
  network: { title: 'feature network', load: classifierFeatures(options.network, 'features') },
  logits: { title: "the paper's evaluator, logits", load: classifierFeatures(options.evaluator, 'logits') },
  evaluator: {
    title: "the paper's evaluator, last hidden layer",
    load: classifierFeatures(options.evaluator, 'features'),
  },
  pixels: {
    title: 'pixels',
    load: () =>
      Promise.resolve((images) =>
        Promise.resolve(
          createFeatures(
            Float32Array.from(images, (byte) => byte / 255),
            pixels,
          ),
        ),
      ),
  },
};

function statisticsOf({ data, columns }: Features): FeatureStatistics {
  const statistics = new FeatureStatistics(columns);
  statistics.add(data);
  return statistics;
}

/** A Fréchet distance over one kind of features, with what it is compared with. */
interface Measure {
  readonly title: string;
  readonly extract: Extract;
  readonly target: FeatureStatistics;
  readonly floor: { readonly distance: number; readonly standardError: number };
}

async function createMeasure(name: string): Promise<Measure> {
  const extractor = extractors[name];
  if (extractor === undefined) throw new Error(`--features ${name}: expected ${Object.keys(extractors).join(', ')}`);
  const extract = await extractor.load();
  const target = statisticsOf(await extract(reference));
  const real = await extract(test.images);
  const resamples = Number(options.resamples);
  const floor =
    resamples > 1
      ? bootstrapFrechetDistance(real, target, { resamples, seed })
      : { distance: frechetDistance(statisticsOf(real), target), standardError: NaN };
  return { title: `${extractor.title} (${target.dimension})`, extract, target, floor };
}

say(`${describeMachine(runtime)}; seed ${seed}; ${test.count} test digits, ${train.count} training digits\n`);
const measures: Measure[] = [];
for (const name of options.features.split(',')) measures.push(await createMeasure(name));
say('Times the floor, and in brackets standard errors above it.\n');
say(`| degradation | ${measures.map(({ title }) => title).join(' | ')} |`);
say(`|---|${measures.map(() => '---').join('|')}|`);
const floors = measures.map(
  ({ floor: { distance, standardError } }) => `${distance.toPrecision(3)} ± ${standardError.toPrecision(2)}`,
);
say(`| none: the floor | ${floors.join(' | ')} |`);
for (const degradation of degradations) {
  for (const value of degradation.levels.filter((_, level) => levels.includes(level))) {
    const images = degradation.apply(test, value, seed);
    const cells: string[] = [];
    for (const { extract, target, floor } of measures) {
      const distance = frechetDistance(statisticsOf(await extract(images)), target);
      const errors = (distance - floor.distance) / floor.standardError;
      cells.push(`${(distance / floor.distance).toPrecision(3)} (${errors.toFixed(0)})`);
    }
    say(`| ${degradation.name}: ${value} ${degradation.unit} | ${cells.join(' | ')} |`);
  }
}
