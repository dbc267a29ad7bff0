export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../training/checkpoint-format.js';
export {
  type TrainConfig,
  type TrainPreset,
  parseConfig,
  parseTrainConfigFile,
  pathFields,
  resolveTrainConfig,
  trainConfigSchema,
  trainPresets,
} from '../training/config.js';
export { TrainingDivergedError } from '../training/errors.js';
export { type InitialWeights } from '../training/initial-weights.js';
export { type MetricsLine } from '../training/metrics-window.js';
export { checkSameRun } from '../training/resume.js';
export { type RunStore } from '../training/run-store.js';
export { dueSteps } from '../training/sample-schedule.js';
export { type StopReason, type TrainingEvent, type TrainingRun, train } from '../training/training-run.js';
