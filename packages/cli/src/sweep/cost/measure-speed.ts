import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuredModel, DiffusionPipeline, planSampling, type Runtime, runPlan } from 'ts-diffusion';
import { closeImages, type TrainingImages } from 'ts-diffusion/data';
import { RunFolder } from 'ts-diffusion/node';
import { denoiserParameters, train, type TrainConfig } from 'ts-diffusion/train';
import { openTrainingImages } from '../../training/training-images.js';
import type { Training } from '../cells/cell.js';

/** The first steps compile and warm up. */
const WARM_UP = 2;
const LEAST_STEPS = 3;
const SECONDS = 2;
const BATCH = 64;

/** The median of some durations. */
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;

/** Of several replicas each takes such steps. */
const ONE_NETWORK = {
  replicas: undefined,
  syncEvery: undefined,
  outerLearningRate: undefined,
  outerMomentum: undefined,
} satisfies Partial<TrainConfig>;

/**
 * Milliseconds of a step of a training, of replicas of a step of one of them, measured in some of its first steps in a folder that is
 * removed again.
 */
export async function measureTrainingStep(
  { config }: Pick<Training, 'config'>,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<number> {
  const trial: TrainConfig = {
    ...config,
    ...ONE_NETWORK,
    initialWeights: undefined,
    evaluateEvery: 0,
    validateEvery: 0,
    maxMinutes: 0,
  };
  const times: number[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'diffusion-speed-'));
  let dataset: TrainingImages | undefined;
  let store: RunFolder | undefined;
  try {
    dataset = await openTrainingImages(config, signal);
    if (dataset === undefined) throw signal.reason;
    store = RunFolder.create(join(folder, 'run'), trial);
    const stop = new AbortController();
    const begin = performance.now();
    for await (const event of train({ config: trial, dataset, runtime, store, signal: stop.signal })) {
      if (event.type !== 'step') continue;
      times.push(event.milliseconds);
      const enough = times.length >= WARM_UP + LEAST_STEPS && performance.now() - begin > 1000 * SECONDS;
      if (enough || signal.aborted) stop.abort();
    }
  } finally {
    store?.close();
    if (dataset) closeImages(dataset);
    rmSync(folder, { recursive: true, force: true });
  }
  signal.throwIfAborted();
  return median(times.slice(WARM_UP));
}

/** Milliseconds of an evaluation of the network for one image, in batches of 64, as sampling takes it. */
export async function measureEvaluation({ config, network }: Training, runtime: Runtime): Promise<number> {
  const parameters = denoiserParameters(network).initialise(0);
  const pipeline = new DiffusionPipeline(runtime, configuredModel(config, network, parameters));
  return timeEvaluation(pipeline).finally(() => pipeline.dispose());
}

/** The same of a model that is there already. */
export async function timeEvaluation(pipeline: DiffusionPipeline): Promise<number> {
  const samplingSteps = 2;
  const labels = Array.from(
    { length: BATCH },
    (_, i) => pipeline.seenClasses[i % pipeline.seenClasses.length] as number,
  );
  const plan = planSampling(pipeline, { sampler: 'ddim', samplingSteps, guidanceWeight: 0, clipX0: true, labels });
  const times: number[] = [];
  const end = performance.now() + 1000 * SECONDS;
  while (times.length < LEAST_STEPS || performance.now() < end) {
    const begin = performance.now();
    await runPlan(plan);
    times.push((performance.now() - begin) / (samplingSteps * BATCH));
  }
  return median(times.slice(1));
}
