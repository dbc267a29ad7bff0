import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadDataset } from '../packages/ts-diffusion/src/node/data/sources.js';
import { samplerNames } from '../packages/ts-diffusion/src/diffusion/samplers/index.js';
import { timestepSpacings } from '../packages/ts-diffusion/src/diffusion/timestep-spacing.js';
import { DiffusionPipeline } from '../packages/ts-diffusion/src/pipeline/diffusion-pipeline.js';
import type { SamplingData } from '../packages/ts-diffusion/src/diffusion/sampling-schema.js';
import { writeGrid } from '../packages/cli/src/output/write-images.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { sampleScorer, scoreSamples } from './support/scored-samples.js';

/**
 * How good a model's samples are by sampler, number of steps and guidance, and what they cost (docs/results/quality.md).
 *
 *     npx tsx bench/sampling-quality.ts dpm-solver++:10 dpm-solver++:50 ddim:20:omega=1:interval=0.3-5:spacing=log-snr
 *
 * Each argument is a sampler, a number of steps, and what differs from ω = 0.5 at every noise level and even spacing.
 */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'packages/ts-diffusion/models/modern.safetensors' },
    count: { type: 'string', default: '2000' },
    threads: { type: 'string', default: '0' },
    /** Also a picture: a row of ten digits, the same noise in each, for every setting. */
    picture: { type: 'string' },
  },
});

const settingSchema = z.strictObject({
  sampler: z.enum(samplerNames),
  samplingSteps: z.coerce.number().int().positive(),
  omega: z.coerce.number().nonnegative().default(0.5),
  interval: z
    .string()
    .transform((text) => text.split('-').map(Number))
    .pipe(z.tuple([z.number(), z.number()]))
    .optional(),
  spacing: z.enum(timestepSpacings).default('even'),
});

type Setting = Omit<z.infer<typeof settingSchema>, 'interval' | 'omega'> &
  Required<Pick<SamplingData, 'guidanceWeight' | 'guidanceInterval'>>;

function settingOf(text: string): Setting {
  const [sampler, samplingSteps, ...changes] = text.split(':');
  const given = Object.fromEntries(
    changes.map((change): [string, unknown] => [change.replace(/=.*/, ''), change.replace(/.*=/, '')]),
  );
  const { interval, omega, ...setting } = settingSchema.parse({ sampler, samplingSteps, ...given });
  return { ...setting, guidanceWeight: omega, guidanceInterval: interval };
}

const settings = positionals.map(settingOf);
if (settings.length === 0) throw new Error('Name at least one sampler and number of steps, e.g. dpm-solver++:10.');
const pipeline = await DiffusionPipeline.load(options.model, { threads: wholeNumber('threads', options.threads, 0) });
const { runtime, model } = pipeline;
const scorer = await sampleScorer(runtime, await loadDataset({ split: 'train' }), await loadDataset({ split: 'test' }));
const count = wholeNumber('count', options.count);

heading(
  'Quality by sampler, steps and guidance',
  `npx tsx bench/sampling-quality.ts ${process.argv.slice(2).join(' ')}`,
);
say(`- ${runtime.version}, ${runtime.threads} threads; ${count} samples, seed 0, against the 10,000 test digits\n`);
say(
  '| sampler | steps | ω | distance | × floor | Inception score | labels | recall (real) | 1,000 images, s (processor) |',
);
say('|---|---|---|---|---|---|---|---|---|');
for (const setting of settings) {
  const { distance, error, floor, ...found } = await scoreSamples(pipeline, scorer, count, setting);
  const interval = setting.guidanceInterval ? ` for σ in ${setting.guidanceInterval.join('..')}` : '';
  const cells = [
    setting.spacing === 'even' ? setting.sampler : `${setting.sampler}, ${setting.spacing}`,
    setting.samplingSteps,
    `${setting.guidanceWeight}${interval}`,
    `${distance.toFixed(3)} ± ${error.toFixed(3)}`,
    (distance / floor).toFixed(2),
    found.inceptionScore.toFixed(3),
    `${(100 * found.labelAccuracy).toFixed(2)} %`,
    `${found.recall.toFixed(3)} (${found.recallFloor.toFixed(3)})`,
    `${found.seconds.toFixed(1)} (${found.processorSeconds.toFixed(1)})`,
  ];
  say(`| ${cells.join(' | ')} |`);
}

if (options.picture !== undefined) {
  const labels = Array.from({ length: model.classes }, (_, label) => label);
  const size = model.imageSize ** 2;
  const rows = new Uint8Array(settings.length * labels.length * size);
  for (const [row, setting] of settings.entries()) {
    const { images } = await pipeline.generate({ ...setting, labels, seed: 0 });
    rows.set(images, row * labels.length * size);
  }
  await writeGrid(options.picture, rows, { height: model.imageSize, width: model.imageSize }, labels.length, 2);
}
await pipeline.dispose();
