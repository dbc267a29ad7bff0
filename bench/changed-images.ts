import { parseArgs } from 'node:util';
import { classify, loadEvaluationNetworks } from '../packages/ts-diffusion/src/entries/evaluation.js';
import { loadDataset } from '../packages/ts-diffusion/src/entries/data.js';
import { DiffusionPipeline } from '../packages/ts-diffusion/src/entries/main.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';

/**
 * How well samplers edit and inpaint digits: the table in docs/sampling.md.
 *
 *     npx tsx bench/changed-images.ts [--count 40]
 */
const { values: options } = parseArgs({ options: { count: { type: 'string', default: '40' } } });
const count = wholeNumber('count', options.count);
heading('Edited and completed digits', `npx tsx bench/changed-images.ts ${process.argv.slice(2).join(' ')}`);

const SIDE = 28;
const BORDER = SIDE / 2;
const SEED = 1;

const ways = {
  '`dpm-solver++`, 10': { sampler: 'dpm-solver++', samplingSteps: 10, spacing: 'trailing' },
  '`dpm-solver++-sde`, 20': { sampler: 'dpm-solver++-sde', samplingSteps: 20, spacing: 'trailing' },
  '`ddpm`, 50': { sampler: 'ddpm', samplingSteps: 50, spacing: 'even' },
} as const;

const digits = await loadDataset({ split: 'test' });
const images = digits.images.subarray(0, count * SIDE ** 2);
const labels = [...digits.labels.subarray(0, count)];
const others = labels.map((label) => (label + 5) % 10);
const mask = Uint8Array.from({ length: SIDE ** 2 }, (_, i) => (i % SIDE >= BORDER ? 1 : 0));
const pipeline = await DiffusionPipeline.load('modern');
const { features, evaluator, secondFeatures } = await loadEvaluationNetworks(pipeline.runtime);

async function seen(drawn: Uint8Array, wanted: readonly number[]): Promise<string> {
  const { probabilities } = await features.classify({ images: drawn, height: SIDE, width: SIDE });
  const { accuracy } = classify(probabilities, wanted, 10);
  const most = wanted.map((_, i) => Math.max(...probabilities.subarray(10 * i, 10 * i + 10)));
  const confidence = most.reduce((sum, p) => sum + p, 0) / count;
  return `${(100 * accuracy).toFixed(0)} %, ${confidence.toFixed(3)}`;
}

/** Mean difference of grey levels between the last known and the first drawn column. */
function seam(drawn: Uint8Array): string {
  let sum = 0;
  for (let row = 0; row < count * SIDE; row++) {
    const [known = 0, next = 0] = drawn.subarray(row * SIDE + BORDER - 1, row * SIDE + BORDER + 1);
    sum += Math.abs(known - next);
  }
  return (sum / (count * SIDE)).toFixed(0);
}

say(`\ndigits themselves: ${await seen(images, labels)}, ${seam(images)}\n`);
say('| sampler, steps | ω | edits | completions | border |\n| --- | --- | --- | --- | --- |');
for (const [name, way] of Object.entries(ways)) {
  const settings = { ...way, guidanceWeight: 0.3, seed: SEED, images };
  const edited = await pipeline.edit({ ...settings, labels: others, strength: 0.8 });
  const completed = await pipeline.inpaint({ ...settings, labels, mask });
  const cells = [
    name,
    '0.3',
    await seen(edited.images, others),
    await seen(completed.images, labels),
    seam(completed.images),
  ];
  say(`| ${cells.join(' | ')} |`);
}
await Promise.all([pipeline, features, evaluator, secondFeatures].map((each) => each.dispose()));
