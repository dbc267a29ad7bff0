import { dataset, network, runtime, schedule } from './argument-shapes.js';
import {
  callback,
  count,
  finite,
  flag,
  floats,
  integers,
  like,
  numbers,
  options,
  positiveCount,
  record,
  signal,
  text,
} from './arguments.js';

/** What training, checkpoints and the export of models are given, as far as a caller may mistake one thing for another. */

/** The fields that are used for arithmetic, or choose what is built: a missing one would end in NaN. */
export const trainConfig = options({
  seed: count,
  steps: count,
  batchSize: positiveCount,
  learningRate: finite,
  warmupSteps: count,
  emaDecay: finite,
  model: text,
  timesteps: positiveCount,
  schedule: text,
  prediction: text,
  loss: text,
  samplingSteps: count,
  guidanceWeight: finite,
  logEvery: count,
  checkpointEvery: count,
  sampleEvery: count,
  maxMinutes: finite,
});
const trainState = options({ parameters: floats, ema: floats, firstMoment: floats, secondMoment: floats });
export const checkpoint = options({
  step: count,
  config: trainConfig,
  model: network,
  data: options({ source: text, sha256: text, seenClasses: numbers.optional() }),
  state: trainState,
  cycleStart: count.optional(),
  outerMomentum: floats.optional(),
});
export const initialWeights = options({ model: network, parameters: floats, prediction: text.optional() });
const store = like('a RunFolder or another store of runs', {
  path: text,
  hasCheckpoint: flag,
  openMetrics: callback,
  writeCheckpoint: callback,
});
const runFields = {
  config: trainConfig,
  dataset,
  runtime,
  store,
  resume: checkpoint.optional(),
  initialWeights: initialWeights.optional(),
  validation: dataset.optional(),
  evaluate: callback.optional(),
  fitToneCurve: callback.optional(),
  signal: signal.optional(),
};
export const trainingRun = options({
  ...runFields,
  slice: options({ replica: positiveCount, lastStep: count }).optional(),
});
export const replicatedRun = options({ ...runFields, runRound: callback });
export const pipelineModel = options({
  model: network,
  parameters: floats,
  schedule,
  prediction: text.optional(),
  samplingSteps: count.optional(),
  guidanceWeight: finite.optional(),
  sampling: record.optional(),
  drawingSteps: numbers.optional(),
  seenClasses: numbers.optional(),
  trainedOn: text.optional(),
});
export const distillRun = options({
  config: options({
    steps: numbers,
    updates: positiveCount,
    batchSize: positiveCount,
    regressionUpdates: count,
    regressionImages: positiveCount,
    regressionLearningRate: finite,
    learningRate: finite,
    warmupUpdates: count,
    decayUpdates: count,
    fakeUpdates: positiveCount,
    fakeLearningRate: finite,
    fakeEmaDecay: finite,
    largestGuidanceWeight: finite,
    emaDecay: finite,
    seed: count,
  }),
  teacher: pipelineModel,
  runtime,
  store,
  resume: options({ step: count, config: record, teacher: text, state: record }).optional(),
  signal: signal.optional(),
});
export const samplerStart = options({
  x: like('images with shape and data', { shape: numbers, data: floats }),
  labels: integers,
  noise: like('a NoiseSource or the like', { next: callback }),
});
