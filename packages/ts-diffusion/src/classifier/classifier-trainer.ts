import { batchIndices } from '../data/batches.js';
import { distort, type Distortion } from '../data/distortion.js';
import { imageLength, type Dataset } from '../data/dataset.js';
import { turn } from '../data/quarter-turns.js';
import { foldBatchNorms } from './batch-norm-folding.js';
import type { ClassifierNetwork } from './classifier-network.js';
import type { Runtime } from '../runtime/types.js';
import { DataError, UserError } from '../utils/errors.js';
import { nextTurn } from '../utils/next-turn.js';
import { Purpose, RandomStream } from '../utils/random.js';
import { measureMoments } from './batch-norm-moments.js';
import { classifierObjective } from './classifier-objective.js';
import { emaDecayAt } from '../training/ema-schedule.js';
import { learningRateAt } from '../training/learning-rate.js';
import { initialState, OptimizerSession } from '../training/optimizer-session.js';
import { count, finite, options, positiveCount, record, signal, signature } from '../utils/arguments.js';
import { dataset, runtime } from '../utils/argument-shapes.js';
import { classifierNetwork } from '../utils/evaluation-shapes.js';

/** Batches over which the moments of batch normalisation are measured. */
const MOMENT_BATCHES = 50;

/** How a classifier is trained. */
export interface ClassifierTraining {
  readonly epochs: number;
  /** Default: as many as show every image once. */
  readonly stepsPerEpoch?: number | undefined;
  readonly batchSize: number;
  /** Adam's step size after the warm-up; it falls to zero along half a cosine. */
  readonly learningRate: number;
  readonly warmupSteps: number;
  /** Decay of the averaged weights, which are the result. */
  readonly emaDecay: number;
  readonly distortion: Distortion;
}

/** What the training of a classifier needs. */
export interface ClassifierRun {
  readonly network: ClassifierNetwork;
  readonly training: ClassifierTraining;
  readonly dataset: Dataset;
  readonly runtime: Runtime;
  readonly seed: number;
  /** When aborted, training stops after the step at hand. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens while training; steps and epochs count from 1. */
export type ClassifierTrainingEvent =
  | { readonly type: 'started'; readonly steps: number; readonly parameters: number }
  | { readonly type: 'step'; readonly step: number; readonly loss: number; readonly milliseconds: number }
  /** `weights` are the averaged ones, a flat vector in the order of `classifierParameters`. */
  | { readonly type: 'epoch'; readonly epoch: number; readonly step: number; readonly weights: Float32Array };

const classifierRun = options({
  network: classifierNetwork,
  training: options({
    epochs: positiveCount,
    stepsPerEpoch: positiveCount.optional(),
    batchSize: positiveCount,
    learningRate: finite,
    warmupSteps: count,
    emaDecay: finite,
    distortion: record,
  }),
  dataset,
  runtime,
  seed: count,
  signal: signal.optional(),
});
const trainClassifierArguments = signature('trainClassifier', { run: classifierRun });

/**
 * Trains a classifier on distorted images; everything a step draws is a function of (seed, step). A network of quarter turns
 * (`task`) turns each image at random, and needs no labels.
 *
 * @throws DataError when the network cannot take images of this size, or has too few classes
 */
export async function* trainClassifier(run: ClassifierRun): AsyncGenerator<ClassifierTrainingEvent, void, void> {
  trainClassifierArguments({ run });
  const { network, training, dataset, runtime, seed, signal } = run;
  checkDataset(network, dataset);
  const { epochs, batchSize } = training;
  const stepsPerEpoch = training.stepsPerEpoch ?? Math.ceil(dataset.count / batchSize);
  const steps = epochs * stepsPerEpoch;
  const schedule = { ...training, steps, learningRateDecay: 'cosine' } as const;
  const objective = classifierObjective(network, batchSize);
  const session = await OptimizerSession.create(runtime, objective, { name: 'train_classifier' });
  try {
    session.writeState(initialState(objective.layout, seed));
    yield { type: 'started', steps, parameters: objective.layout.size };
    for (let step = 1; step <= steps && signal?.aborted !== true; step++) {
      const begin = performance.now();
      const learningRate = learningRateAt(schedule, step);
      const { images, targets } = classifierBatch(run, step);
      const loss = await session.step(
        {
          images: {
            dtype: 'float32',
            shape: [batchSize, network.imageChannels ?? 1, dataset.height, dataset.width],
            data: images,
          },
          targets: { dtype: 'float32', shape: [batchSize, network.classes], data: targets },
        },
        { step, learningRate, emaDecay: emaDecayAt(training.emaDecay, step) },
      );
      if (!Number.isFinite(loss)) {
        throw new UserError(`Training diverged at step ${step}: the loss is ${loss}. Try another --seed.`);
      }
      yield { type: 'step', step, loss, milliseconds: performance.now() - begin };
      // A session's run blocks the event loop: without a turn of it here, Ctrl-C would never be noticed.
      await nextTurn();
      if (step % stepsPerEpoch === 0) {
        const weights = await finishedWeights(run, step, (await session.readState()).ema);
        yield { type: 'epoch', epoch: step / stepsPerEpoch, step, weights };
      }
    }
  } finally {
    await session.dispose();
  }
}

function checkDataset(
  { name, task, imageSize, imageChannels = 1, classes }: ClassifierNetwork,
  dataset: Dataset,
): void {
  const { source, height, width, channels = 1 } = dataset;
  if (channels !== imageChannels) {
    throw new DataError(`${source}: images of ${channels} channels; the ${name} takes images of ${imageChannels}.`);
  }
  const isKnown = task === 'turns' || dataset.classes <= classes;
  if (height === imageSize && width === imageSize && isKnown) return;
  throw new DataError(
    `${source}: ${height}x${width} pixels in ${dataset.classes} classes; the ${name} takes ` +
      `${imageSize}x${imageSize} pixels in up to ${classes} classes.`,
  );
}

/** The weights of the network as it is used: without batch normalisations, whose moments the latest batches give. */
async function finishedWeights(run: ClassifierRun, step: number, trained: Float32Array): Promise<Float32Array> {
  const { network, training, runtime } = run;
  if (network.buildNormalized === undefined) return trained;
  const batches = Array.from(
    { length: Math.min(step, MOMENT_BATCHES) },
    (_, i) => classifierBatch(run, step - i).images,
  );
  const moments = await measureMoments(runtime, network, trained, training.batchSize, batches);
  return foldBatchNorms(network, trained, moments);
}

/** The distorted images [B, C, H, W] in [-1, 1] and one-hot targets [B, classes] of a step. */
function classifierBatch(
  { dataset, training, network, seed }: Pick<ClassifierRun, 'dataset' | 'training' | 'network' | 'seed'>,
  step: number,
): { images: Float32Array; targets: Float32Array } {
  const { batchSize, distortion } = training;
  const pixels = imageLength(dataset);
  const random = new RandomStream(seed, Purpose.trainingBatch, step);
  const images = new Float32Array(batchSize * pixels);
  const targets = new Float32Array(batchSize * network.classes);
  batchIndices(seed, step - 1, batchSize, dataset.count).forEach((index, i) => {
    const image = dataset.images.subarray(index * pixels, (index + 1) * pixels);
    const place = images.subarray(i * pixels, (i + 1) * pixels);
    distort(image, dataset.width, distortion, random, place);
    let target = dataset.labels[index] as number;
    if (network.task === 'turns') {
      target = random.integer(network.classes);
      turn(place.slice(), dataset.width, target, place);
    }
    targets[i * network.classes + target] = 1;
  });
  return { images: images.map((value) => value / 127.5 - 1), targets };
}
