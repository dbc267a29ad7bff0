import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDataset } from '../packages/ts-diffusion/src/node/data/sources.js';
import { curvePlot, errorBarPlot, standaloneSvg } from '../packages/cli/src/plotting/plots.js';
import { trainModel } from '../packages/cli/src/experiments/train-stage.js';
import { DiffusionPipeline } from '../packages/ts-diffusion/src/pipeline/diffusion-pipeline.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { modelFor } from '../packages/ts-diffusion/src/training/model-for-data.js';
import { writeFileAtomic } from '../packages/ts-diffusion/src/node/files/atomic-file.js';
import { candidateConfig, candidateNames, type CandidateName } from './support/candidates.js';
import { flopsPerImage } from '../packages/ts-diffusion/src/diagnostics/flops.js';
import { positiveNumber, wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { sampleScorer, scoreSamples, type SampleScores } from './support/scored-samples.js';

/**
 * How good the candidates of docs/results/quality.md become for the arithmetic spent on training them, all by the recipe of
 * the preset `modern` at a constant learning rate, so that every point is of one run. Started again it goes on.
 *
 *     npx tsx bench/candidates.ts --out runs/candidates --tera-flops 5,10,20 --figures docs/results/quality
 */
const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/candidates' },
    /** Arithmetic of training at which each candidate is scored, ascending. */
    'tera-flops': { type: 'string', default: '5,10,20' },
    samples: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '12' },
    threads: { type: 'string', default: '0' },
    /** Where the plots go. */
    figures: { type: 'string' },
  },
});
/** Beside a plot there is room for no more. */
const shortName = (name: CandidateName): string => name.replace(/: .*| \(.*/, '').replace('2×2 patches', 'patches');

const samples = wholeNumber('samples', options.samples);
const samplingSteps = wholeNumber('steps', options.steps);
const budgets = options['tera-flops'].split(',').map((each) => positiveNumber('tera-flops', each));
const SEED = 0;

/** What a candidate came to after some training. */
interface Point extends SampleScores {
  readonly name: CandidateName;
  readonly teraFlops: number;
  readonly trainingSteps: number;
}

const runtime = await createNodeRuntime({ device: 'cpu', threads: wholeNumber('threads', options.threads, 0) });
const [training, test] = [await loadDataset({ split: 'train' }), await loadDataset({ split: 'test' })];
const scorer = await sampleScorer(runtime, training, test);
const place = { dataset: training, runtime, signal: new AbortController().signal };

async function measure(name: CandidateName, teraFlops: number): Promise<Point> {
  const folder = join(options.out, name.replace(/\W+/g, '-'));
  const file = join(folder, `point-${teraFlops}-samples-${samples}-steps-${samplingSteps}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Point;
  const recipe = candidateConfig(name, { learningRateDecay: 'none', warmupSteps: 100, emaDecay: 0.995, seed: SEED });
  const perStep = flopsPerImage(modelFor(recipe, training), recipe.batchSize).training * recipe.batchSize;
  const steps = Math.round((teraFlops * 1e12) / perStep);
  for await (const event of trainModel(folder, { ...recipe, steps, sampleEvery: 0 }, place)) {
    if (event.step % 100 === 0) process.stderr.write(`${name}: step ${event.step}/${steps}, loss ${event.loss}\n`);
  }

  const pipeline = await DiffusionPipeline.load(folder, { threads: runtime.threads });
  const scores = await scoreSamples(pipeline, scorer, samples, {
    sampler: 'dpm-solver++',
    samplingSteps,
    guidanceWeight: 0,
  });
  await pipeline.dispose();
  const point: Point = { name, teraFlops, trainingSteps: steps, ...scores };
  writeFileAtomic(file, `${JSON.stringify(point, null, 2)}\n`);
  return point;
}

mkdirSync(options.out, { recursive: true });
const points: Point[] = [];
for (const teraFlops of budgets) {
  for (const name of candidateNames) points.push(await measure(name, teraFlops));
}

heading('Quality of the candidates', `npx tsx bench/candidates.ts ${process.argv.slice(2).join(' ')}`);
say(
  `- ${runtime.version}, ${runtime.threads} threads; seed ${SEED}; ${samples} samples, dpm-solver++ in ${samplingSteps}`,
);
say('  steps, ω = 0; distance to the 10,000 test digits (CNN features) and how many times the floor\n');
say('| | training, TFLOP | steps | distance | labels | sampling 1,000, s of processor time |');
say('|---|---|---|---|---|---|');
for (const { name, teraFlops, trainingSteps, distance, error, floor, labelAccuracy, processorSeconds } of points) {
  const score = `${distance.toPrecision(3)} ± ${error.toPrecision(2)}, ${(distance / floor).toPrecision(3)} ×`;
  const cells = [name, teraFlops, trainingSteps, score, `${(100 * labelAccuracy).toFixed(1)} %`];
  say(`| ${[...cells, processorSeconds.toFixed(1)].join(' | ')} |`);
}

if (options.figures !== undefined) {
  const [first] = points;
  const series = points.map((point) => ({ ...point, y: point.distance, series: shortName(point.name) }));
  const distance = 'Fréchet distance';
  const training = curvePlot(
    series.map((point) => ({ ...point, x: point.teraFlops })),
    { x: 'arithmetic of training, TFLOP', y: distance },
  );
  const longest = Math.max(...points.map((point) => point.teraFlops));
  const sampling = errorBarPlot(
    series.filter((point) => point.teraFlops === longest).map((point) => ({ ...point, x: point.processorSeconds })),
    { x: 'processor time of 1,000 samples, s', y: distance },
    { floor: first?.floor, logarithmic: true },
  );
  writeFileAtomic(join(options.figures, 'training.svg'), standaloneSvg(training));
  writeFileAtomic(join(options.figures, 'sampling.svg'), standaloneSvg(sampling));
}
