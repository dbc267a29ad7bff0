import { parseArgs } from 'node:util';
import { createNoiseSchedule } from '../packages/ts-diffusion/src/diffusion/noise-schedule.js';
import { denoiserParameters, type DenoiserConfig } from '../packages/ts-diffusion/src/models/denoiser-network.js';
import { CompiledDenoiser } from '../packages/ts-diffusion/src/pipeline/compiled-denoiser.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import type { Runtime } from '../packages/ts-diffusion/src/runtime/types.js';
import { modelFor } from '../packages/ts-diffusion/src/training/model-for-data.js';
import { initialState } from '../packages/ts-diffusion/src/training/optimizer-session.js';
import { TrainSession } from '../packages/ts-diffusion/src/training/train-session.js';
import { trainingBatch } from '../packages/ts-diffusion/src/training/training-batch.js';
import { RandomStream } from '../packages/ts-diffusion/src/utils/random.js';
import { candidateConfig, candidateNames, type CandidateName } from './support/candidates.js';
import { flopsPerImage } from '../packages/ts-diffusion/src/diagnostics/flops.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';
import { alternate, summarise } from './support/statistics.js';
import { digits } from './support/workload.js';

/** The images that a table of scores needs, and how often guidance lets the network see each at 20 steps. */
const IMAGES = 10_000;
const FORWARDS_PER_IMAGE = 2 * 20;

/**
 * What the candidates of docs/results/quality.md cost: arithmetic and processor time of a training step and of the forward
 * passes that sampling consists of. Processor time, summed over threads, is nearly the same on a busy machine.
 */
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    'train-batch': { type: 'string', default: '64' },
    'sample-batch': { type: 'string', default: '128' },
  },
});
const trainBatch = wholeNumber('train-batch', options['train-batch']);
const sampleBatch = wholeNumber('sample-batch', options['sample-batch']);

/** Milliseconds of processor time, of all threads together, that `work` takes. */
async function processorTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function trainingStep(runtime: Runtime, name: CandidateName) {
  const config = candidateConfig(name, { batchSize: trainBatch });
  const model = modelFor(config, digits);
  const session = await TrainSession.create(runtime, { model, batchSize: trainBatch, loss: config.loss });
  session.writeState(initialState(session.layout, 0));
  const schedule = createNoiseSchedule(config.schedule, config.timesteps);
  let step = 0;
  const measure = (): Promise<number> =>
    processorTime(async () => {
      step++;
      await session.step(trainingBatch(digits, schedule, config, step), { step, learningRate: 1e-4, emaDecay: 0.999 });
    });
  return { model, measure, dispose: () => session.dispose() };
}

function forwardPass(runtime: Runtime, model: DenoiserConfig) {
  const denoiser = new CompiledDenoiser(runtime, model, denoiserParameters(model).initialise(0));
  const data = new Float32Array(sampleBatch * 784);
  new RandomStream(0).fillNormal(data);
  const timesteps = Float32Array.from({ length: sampleBatch }, (_, i) => 1 + 3 * i);
  const labels = Int32Array.from({ length: sampleBatch }, (_, i) => i % 10);
  const x = { shape: [sampleBatch, 1, 28, 28], data } as const;
  return {
    measure: () => processorTime(() => denoiser.network(x, timesteps, labels)),
    dispose: () => denoiser.dispose(),
  };
}

const runtime = await createNodeRuntime({ device: 'cpu' });
const names = candidateNames;
const trainings = await Promise.all(names.map((name) => trainingStep(runtime, name)));
const forwards = trainings.map(({ model }) => forwardPass(runtime, model));
const byName = (contenders: readonly { measure: () => Promise<number> }[]) =>
  Object.fromEntries(names.map((name, i) => [name, contenders[i]?.measure ?? (() => Promise.resolve(NaN))]));
const rounds = wholeNumber('rounds', options.rounds);
const training = await alternate(byName(trainings), rounds);
const forward = await alternate(byName(forwards), rounds);

heading('Costs of the candidates', `npx tsx bench/quality.ts ${process.argv.slice(2).join(' ')}`);
say(
  `- ${runtime.version}, ${runtime.threads} threads; medians of ${rounds} rounds of processor time, summed over threads`,
);
say(`- training: batches of ${trainBatch}; forward: batches of ${sampleBatch}`);
say(
  `- images/s and the last column are for ${runtime.threads} free cores; the last column is for ${IMAGES} images in 20 steps`,
);
say(`  with guidance, i.e. ${FORWARDS_PER_IMAGE} passes\n`);
const columns = [
  'MFLOP, forward',
  'MFLOP, training',
  'training, ms/image',
  'images/s',
  'forward, ms/image',
  'sampling, s',
];
say(`| | parameters | ${columns.join(' | ')} |`);
say('|---|---|---|---|---|---|---|---|');
names.forEach((name, i) => {
  const { model } = trainings[i] as (typeof trainings)[number];
  const flops = flopsPerImage(model, trainBatch);
  const trained = summarise(training[name] ?? []).median / trainBatch;
  const passed = summarise(forward[name] ?? []).median / sampleBatch;
  const cells = [
    name,
    denoiserParameters(model).size.toLocaleString('en'),
    (flops.forward / 1e6).toFixed(0),
    (flops.training / 1e6).toFixed(0),
    trained.toFixed(2),
    ((1000 * runtime.threads) / trained).toFixed(0),
    passed.toFixed(2),
    ((passed * IMAGES * FORWARDS_PER_IMAGE) / runtime.threads / 1000).toFixed(0),
  ];
  say(`| ${cells.join(' | ')} |`);
});
await Promise.all([...trainings, ...forwards].map((each) => each.dispose()));
