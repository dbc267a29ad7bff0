import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { curvePlot, errorBarPlot, type MeasuredPoint, standaloneSvg } from '../packages/cli/src/plotting/plots.js';
import { formatDuration } from '../packages/cli/src/output/progress.js';
import type { TrainingImages } from '../packages/ts-diffusion/src/data/dataset.js';
import { openImages } from '../packages/ts-diffusion/src/node/data/sources.js';
import { FRECHET_METRIC } from '../packages/ts-diffusion/src/evaluation/scores/frechet.js';
import { readReceipt } from '../packages/ts-diffusion/src/node/evaluation/receipt-file.js';
import { loadCheckpoint } from '../packages/ts-diffusion/src/node/models/load-model.js';
import { createNodeRuntime } from '../packages/ts-diffusion/src/node/runtime/node.js';
import { readWatched } from '../packages/ts-diffusion/src/node/training/metrics.js';
import { hasTrained, RunFolder } from '../packages/ts-diffusion/src/node/training/run-folder.js';
import type { Runtime } from '../packages/ts-diffusion/src/runtime/types.js';
import { resolveTrainConfig } from '../packages/ts-diffusion/src/training/resolve-config.js';
import type { TrainConfig } from '../packages/ts-diffusion/src/training/config.js';
import { divideImages } from '../packages/ts-diffusion/src/training/divide-images.js';
import { modelFor } from '../packages/ts-diffusion/src/training/model-for-data.js';
import type { TrainState } from '../packages/ts-diffusion/src/training/optimizer-session.js';
import { type ReplicatedRun, trainReplicas } from '../packages/ts-diffusion/src/training/replicated-training.js';
import { TrainSession } from '../packages/ts-diffusion/src/training/train-session.js';
import { updates } from '../packages/ts-diffusion/src/training/trainer.js';
import { train } from '../packages/ts-diffusion/src/training/training-run.js';
import { wholeNumber } from './support/options.js';
import { heading, say } from './support/report.js';

/**
 * The tables and figures of docs/results/scale.md: validation loss and Frechet distance of replicas (DiLoCo) and of large batches after
 * the same number of sequential steps, and the bytes that they exchange. Replicas take turns in this process, with the functions that
 * `diffusion train --replicas` runs in others. Runs and receipts that are there are not made again.
 */
const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'output/replicas' },
    steps: { type: 'string', default: '1000' },
    channels: { type: 'string', default: '16,32' },
    batch: { type: 'string', default: '16' },
    samples: { type: 'string', default: '1000' },
    machines: { type: 'string', default: '1,2,4' },
    'sync-every': { type: 'string', default: '20,100,500' },
  },
});
const steps = wholeNumber('steps', options.steps);
const batchSize = wholeNumber('batch', options.batch);
const samples = wholeNumber('samples', options.samples, 10);
const numbers = (name: 'machines' | 'sync-every'): number[] =>
  options[name].split(',').map((text) => wholeNumber(name, text));
const machineCounts = numbers('machines');
const syncEverySteps = numbers('sync-every');
const validateEvery = Math.max(1, steps / 10);
const main = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));

interface Run {
  readonly name: string;
  readonly machines: number;
  /** Undefined: one training whose batch the machines divide among them. */
  readonly syncEvery?: number;
  readonly config: TrainConfig;
}

const configOf = (changes: Partial<TrainConfig>): TrainConfig =>
  resolveTrainConfig('quick', {
    ...{ channels: options.channels.split(',').map(Number), steps, batchSize, threads: 1 },
    ...{ validation: 1000, validateEvery, checkpointEvery: steps },
    ...changes,
  });

const runs: readonly Run[] = [
  ...machineCounts.map((machines) => ({
    name: `batch x${machines}`,
    machines,
    config: configOf({ batchSize: batchSize * machines }),
  })),
  ...machineCounts.flatMap((machines) =>
    syncEverySteps
      .filter((syncEvery) => syncEvery <= steps)
      .map((syncEvery) => ({
        name: `K=${machines} H=${syncEvery}`,
        machines,
        syncEvery,
        config: configOf({ replicas: machines, syncEvery }),
      })),
  ),
];

const folderOf = ({ name }: Run): string => join(options.out, name.replaceAll(/[ =]/g, '-'));

function isTrained(run: Run): boolean {
  return hasTrained(folderOf(run)) && loadCheckpoint(folderOf(run)).step === steps;
}

/** Rounds whose replicas take turns with one compiled training step. */
async function turns(
  runtime: Runtime,
  dataset: TrainingImages,
  config: TrainConfig,
): Promise<ReplicatedRun['runRound']> {
  const model = modelFor(config, dataset);
  const session = await TrainSession.create(runtime, { model, batchSize: config.batchSize, loss: config.loss });
  const { training } = divideImages(dataset, config);
  const replicas: TrainState[] = [];
  return async ({ start, lastStep }) => {
    const results = [];
    for (let i = 0; i < (config.replicas ?? 1); i++) {
      session.writeState({ ...(replicas[i] ?? start.state), parameters: start.state.parameters });
      const losses: number[] = [];
      for await (const { step, loss } of updates(
        session,
        training,
        config,
        { step: start.step, cycleStart: 0 },
        i + 1,
      )) {
        losses.push(loss);
        if (step === lastStep) break;
      }
      replicas[i] = await session.readState();
      results.push({ state: replicas[i] as TrainState, losses });
    }
    return results;
  };
}

async function trainOne(run: Run, runtime: Runtime, dataset: TrainingImages): Promise<void> {
  const { config, name } = run;
  rmSync(folderOf(run), { recursive: true, force: true });
  const store = RunFolder.create(folderOf(run), config);
  const begin = performance.now();
  let saidAt = begin;
  try {
    const given = { config, dataset, runtime, store };
    const events =
      config.replicas === undefined
        ? train(given)
        : trainReplicas({ ...given, runRound: await turns(runtime, dataset, config) });
    for await (const { step } of events) {
      const now = performance.now();
      if (step === 0 || now - saidAt < 10_000) continue;
      saidAt = now;
      const left = formatDuration(((now - begin) * (steps - step)) / step);
      process.stderr.write(
        `${name}: ${step}/${steps} steps, ${((1000 * step) / (now - begin)).toFixed(1)} steps/s, ${left} left\n`,
      );
    }
  } finally {
    store.close();
  }
}

const receiptOf = (run: Run): string => join(folderOf(run), `receipt-${samples}.json`);

function evaluate(run: Run): void {
  const args = [
    ...['evaluate', '--run', folderOf(run), '--count', String(samples), '--judges', '0', '--near-copies', '0'],
    ...['--sampler', 'dpm-solver++', '--sampling-steps', '15', '--threads', '1', '--receipt', receiptOf(run)],
  ];
  const { status } = spawnSync(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`diffusion ${args.join(' ')} ended with ${status}`);
}

const runtime = await createNodeRuntime({ threads: 1 });
const dataset = await openImages({ split: 'train' });
mkdirSync(options.out, { recursive: true });
for (const run of runs) {
  if (!isTrained(run)) await trainOne(run, runtime, dataset);
}
for (const run of runs) {
  if (!existsSync(receiptOf(run))) evaluate(run);
}

const parameters = loadCheckpoint(folderOf(runs[0] as Run)).state.parameters.length;

/** Bytes that all machines send and receive: of replicas as `diffusion train` says, else the gradient up and the weights down in each step. */
const bytesOf = ({ machines, syncEvery }: Run): number =>
  machines === 1 && syncEvery === undefined
    ? 0
    : machines * parameters * (syncEvery === undefined ? 8 * steps : 12 * Math.ceil(steps / syncEvery));

const results = runs.map((run) => {
  const losses = readWatched(join(folderOf(run), 'metrics.jsonl')).flatMap(({ step, validationLoss }) =>
    validationLoss === undefined ? [] : [{ step, loss: validationLoss }],
  );
  const receipt = readReceipt(receiptOf(run));
  const distance = receipt.scores.find(({ metric }) => metric === FRECHET_METRIC);
  if (distance === undefined) throw new Error(`${receiptOf(run)}: no Frechet distance`);
  return { run, losses, distance, bytes: bytesOf(run) };
});

heading(
  'Replicas and large batches',
  `npx tsx bench/replicas.ts --steps ${steps} --channels ${options.channels} --batch ${batchSize} --samples ${samples}`,
);
say(`- ${parameters} parameters; seed 0\n`);
say(`| run | images seen | validation loss | Frechet distance (${samples} samples) | MB exchanged |`);
say('| --- | --- | --- | --- | --- |');
for (const { run, losses, distance, bytes } of results) {
  const error = distance.standardDeviation === undefined ? '' : ` ± ${distance.standardDeviation.toPrecision(2)}`;
  say(
    `| ${run.name} | ${(run.machines * steps * batchSize).toLocaleString('en')} | ${losses.at(-1)?.loss.toFixed(5) ?? ''} | ` +
      `${distance.value.toFixed(3)}${error} | ${Number((bytes / 1e6).toPrecision(3))} |`,
  );
}

const most = Math.max(...machineCounts);
const shown = results.filter(({ run }) => run.machines === most || run.name === 'batch x1');
const curves = shown.flatMap(({ run, losses }) =>
  losses.map(({ step, loss }) => ({ x: step, y: loss, series: run.name })),
);
writeFileSync(
  join(options.out, 'loss-over-steps.svg'),
  standaloneSvg(curvePlot(curves, { x: 'sequential steps', y: 'validation loss of the averaged weights' })),
);
const points: MeasuredPoint[] = results.flatMap(({ run, distance, bytes }) =>
  bytes === 0
    ? []
    : [
        {
          ...{ x: Math.log10(bytes), y: distance.value, error: distance.standardDeviation ?? 0 },
          series: run.syncEvery === undefined ? 'large batches' : `K=${run.machines}`,
        },
      ],
);
writeFileSync(
  join(options.out, 'distance-over-bytes.svg'),
  standaloneSvg(
    errorBarPlot(
      points,
      { x: 'log10 of bytes exchanged by all machines', y: 'Frechet distance' },
      { logarithmic: true },
    ),
  ),
);
