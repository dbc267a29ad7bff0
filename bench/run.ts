import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resolveTrainConfig } from '../src/config.js';
import { createDataset } from '../src/data/dataset.js';
import { createNoiseSchedule } from '../src/diffusion/noise-schedule.js';
import { paperUNet, unetParameters } from '../src/models/unet.js';
import { CompiledDenoiser } from '../src/pipeline/compiled-denoiser.js';
import { measureMatrixProduct } from '../src/pipeline/matrix-product.js';
import { createNodeRuntime } from '../src/runtime/node.js';
import type { Runtime } from '../src/runtime/types.js';
import { trainingBatch } from '../src/training/training-batch.js';
import { TrainSession } from '../src/training/train-session.js';
import { RandomStream } from '../src/utils/random.js';
import { PyTorchPeer } from './support/pytorch.js';
import { alternate, row, summarise, timed } from './support/statistics.js';

/** Multiply-adds count as two: the paper's U-Net, per image, forward. A training step costs three times that. */
const FORWARD_GFLOP = 0.604;
const TRAIN_BATCH = 32;
const SAMPLE_BATCH = 256;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    'memory-steps': { type: 'string', default: '1000' },
    python: { type: 'string', default: 'python3' },
    only: { type: 'string', default: 'train,forward,memory,help' },
  },
});
const rounds = Number(options.rounds);
const wanted = options.only.split(',');

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const header = (): void => {
  say('| | median | range | rounds |');
  say('|---|---|---|---|');
};

const digits = createDataset(
  { shape: [256, 28, 28], data: Uint8Array.from({ length: 256 * 784 }, (_, i) => (i * 2654435761) >>> 24) },
  { shape: [256], data: Uint8Array.from({ length: 256 }, (_, i) => i % 10) },
  'random pixels (the time does not depend on what they show)',
);
const config = resolveTrainConfig('paper');
const schedule = createNoiseSchedule(config.schedule, config.timesteps);

async function createSession(runtime: Runtime): Promise<TrainSession> {
  const session = await TrainSession.create(runtime, { model: paperUNet, batchSize: TRAIN_BATCH, loss: config.loss });
  const parameters = session.layout.initialise(0);
  const zeros = new Float32Array(session.layout.size);
  session.writeState({ parameters, firstMoment: zeros, secondMoment: zeros, ema: parameters });
  return session;
}

async function benchmarkTraining(runtime: Runtime, peer: PyTorchPeer | null, peak: number): Promise<void> {
  let created: TrainSession | undefined;
  const creation = await timed(async () => (created = await createSession(runtime)));
  const session = created as unknown as TrainSession;
  let step = 0;
  const outside: number[] = [];
  const oneStep = (): Promise<number> =>
    timed(async () => {
      step += 1;
      const start = performance.now();
      const batch = trainingBatch(digits, schedule, config, step);
      outside.push(performance.now() - start);
      await session.step(batch, { step, learningRate: config.learningRate, emaDecay: config.emaDecay });
    });
  const contenders: Record<string, () => Promise<number>> = { 'ts-diffusion': oneStep };
  if (peer) {
    const request = { cmd: 'train', batch: TRAIN_BATCH, threads: runtime.threads };
    contenders['PyTorch'] = () => peer.milliseconds(request);
    contenders['PyTorch, channels_last'] = () => peer.milliseconds({ ...request, channels_last: true });
  }
  const results = await alternate(contenders, rounds);
  say(`\n## Training step, preset \`paper\`, batch ${TRAIN_BATCH}\n`);
  header();
  for (const [name, measured] of Object.entries(results)) say(row(name, measured));
  say(row('  of which data, noise and x_t', outside));
  const ours = summarise(results['ts-diffusion'] ?? []).median;
  const gflops = (3 * FORWARD_GFLOP * TRAIN_BATCH * 1000) / ours;
  say();
  say(`- session creation: ${creation.toFixed(0)} ms`);
  say(
    `- ${gflops.toFixed(0)} GFLOPS, ${((100 * gflops) / peak).toFixed(0)} % of the matrix product's ${peak.toFixed(0)}`,
  );
  say(`- outside the graph (data, noise, x_t): ${((100 * summarise(outside).median) / ours).toFixed(1)} % of a step`);
  compare(results, (theirs) => `${(ours / theirs).toFixed(2)} of PyTorch's time`);
  await session.dispose();
}

async function benchmarkForward(runtime: Runtime, peer: PyTorchPeer | null, peak: number): Promise<void> {
  const denoiser = new CompiledDenoiser(runtime, paperUNet, unetParameters(paperUNet).initialise(0));
  const data = new Float32Array(SAMPLE_BATCH * 784);
  new RandomStream(0).fillNormal(data);
  const timesteps = Float32Array.from({ length: SAMPLE_BATCH }, (_, i) => 1 + 3 * i);
  const labels = Int32Array.from({ length: SAMPLE_BATCH }, (_, i) => i % 10);
  const contenders: Record<string, () => Promise<number>> = {
    'ts-diffusion': () => timed(() => denoiser.predict({ shape: [SAMPLE_BATCH, 1, 28, 28], data }, timesteps, labels)),
  };
  if (peer) {
    const request = { cmd: 'forward', batch: SAMPLE_BATCH, threads: runtime.threads };
    contenders['PyTorch'] = () => peer.milliseconds(request);
    contenders['PyTorch, channels_last'] = () => peer.milliseconds({ ...request, channels_last: true });
    contenders['PyTorch, channels_last, chunks of 64'] = () =>
      peer.milliseconds({ ...request, channels_last: true, chunk: 64 });
  }
  const results = await alternate(contenders, rounds);
  await denoiser.dispose();
  say(`\n## Denoiser forward, batch ${SAMPLE_BATCH}\n`);
  header();
  for (const [name, measured] of Object.entries(results)) say(row(name, measured));
  const ours = summarise(results['ts-diffusion'] ?? []).median;
  const gflops = (FORWARD_GFLOP * SAMPLE_BATCH * 1000) / ours;
  say();
  say(
    `- ${gflops.toFixed(0)} GFLOPS, ${((100 * gflops) / peak).toFixed(0)} % of the matrix product's ${peak.toFixed(0)}`,
  );
  compare(results, (theirs) => `${(theirs / ours).toFixed(2)} times PyTorch's throughput`);
}

/** Against the fastest of PyTorch's settings. */
function compare(results: Readonly<Record<string, readonly number[]>>, ratio: (theirs: number) => string): void {
  const peers = Object.entries(results)
    .filter(([name]) => name.startsWith('PyTorch'))
    .map(([name, measured]) => ({ name, median: summarise(measured).median }))
    .sort((a, b) => a.median - b.median);
  const [best] = peers;
  say(best ? `- **${ratio(best.median)}** (${best.name}, its fastest here)` : '- no PyTorch to compare with');
}

async function benchmarkMemory(runtime: Runtime, steps: number): Promise<void> {
  const session = await createSession(runtime);
  const resident: Record<number, number> = {};
  for (let step = 1; step <= steps; step++) {
    const batch = trainingBatch(digits, schedule, config, step);
    await session.step(batch, { step, learningRate: config.learningRate, emaDecay: config.emaDecay });
    if (step === 100 || step === steps) resident[step] = process.memoryUsage().rss / 1e6;
  }
  await session.dispose();
  say(`\n## Resident memory while training, batch ${TRAIN_BATCH}\n`);
  for (const [step, megabytes] of Object.entries(resident)) say(`- after step ${step}: ${megabytes.toFixed(0)} MB`);
  const [first = NaN, last = NaN] = Object.values(resident);
  say(`- growth: ${(100 * (last / first - 1)).toFixed(2)} %`);
}

function benchmarkHelp(): void {
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  if (!existsSync(main)) throw new Error('dist/ is missing: npm run build');
  const measured = Array.from({ length: rounds }, () => {
    const start = performance.now();
    spawnSync(process.execPath, [main, '--help']);
    return performance.now() - start;
  });
  say('\n## `diffusion --help`\n');
  header();
  say(row('whole process', measured));
}

const git = (...command: string[]): string => spawnSync('git', command, { encoding: 'utf8' }).stdout.trim();
const runtime = await createNodeRuntime({ device: 'cpu' });
const started = await PyTorchPeer.start(options.python);
say('# Performance\n');
say(`- machine: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores; Node ${process.version}`);
say(`- ${runtime.version}, ${runtime.threads} threads; ${started?.description ?? 'no PyTorch found'}`);
say(`- command: npm run bench -- ${process.argv.slice(2).join(' ')}`);
say(
  `- commit: ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') ? ' (src changed)' : ''}`,
);

// First and in a process of its own age: what the peak is measured with must not count as the training's memory.
if (wanted.includes('memory')) await benchmarkMemory(runtime, Number(options['memory-steps']));
if (wanted.includes('train') || wanted.includes('forward')) {
  const { gflops: peak } = await measureMatrixProduct(runtime);
  say(`\nMatrix product in ONNX Runtime: ${peak.toFixed(0)} GFLOPS.`);
  if (wanted.includes('train')) await benchmarkTraining(runtime, started?.peer ?? null, peak);
  if (wanted.includes('forward')) await benchmarkForward(runtime, started?.peer ?? null, peak);
}
if (wanted.includes('help')) benchmarkHelp();
started?.peer.stop();
