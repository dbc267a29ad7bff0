/**
 * Trains networks: configurations and presets, the training loop `train`, which is an async generator of events, checkpoints, and
 * the network architectures.
 *
 * @module ts-diffusion/train
 */
export { type Architecture, type DenoiserConfig, denoiserParameters } from '../models/denoiser-network.js';
export { type ModernUNetConfig } from '../models/modern-unet.js';
export { type UNetConfig, paperUNet } from '../models/unet.js';
export { type UNet2DBlock, type UNet2DConfig, type UNet2DResampling } from '../models/unet2d/unet2d-config.js';
export { type DiffusersConfig, type DiffusersConfigOptions } from '../models/unet2d/diffusers-config.js';
export { type ParameterLayout, type ParameterSpec } from '../nn/parameters.js';
export { type Shape } from '../utils/shape.js';
export {
  type Checkpoint,
  type WeightSelection,
  type SliceRecord,
  type TrainingData,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../training/checkpoint-format.js';
export { type TrainConfig, type TrainConfigLayer, pathFields, trainConfigSchema } from '../training/config.js';
export { type TrainPreset, trainPresetNames, trainPresets } from '../training/presets.js';
export { parseConfig } from '../utils/parse-config.js';
export { continuedTrainConfig, parseTrainConfigFile, resolveTrainConfig } from '../training/resolve-config.js';
export { type ImagesToLearn } from '../training/images-preset.js';
export { trainConfigFor } from '../training/train-config-for.js';
export { TrainingDivergedError } from '../training/errors.js';
export {
  type FitToneCurve,
  needsToneCurve,
  type ToneCurveEvent,
  type ToneCurveFit,
} from '../training/tone-curve-fit.js';
export { type InitialWeights } from '../training/initial-weights.js';
export { isWatched, type MetricsLine, type WatchedLine } from '../training/metrics-window.js';
export { nextSync } from '../training/replica-config.js';
export { checkSameRun, decidingFields } from '../training/resume.js';
export { type BestWeights, type MetricsLog, type MetricsOptions, type RunStore } from '../training/run-store.js';
export { type TrainState } from '../training/optimizer-session.js';
export { type Update } from '../training/trainer.js';
export { dueSteps } from '../training/sample-schedule.js';
export { type Slice, type StopReason, type TrainingEvent, type TrainingRun } from '../training/training-run.js';
export { train, trainReplicas } from '../pipeline/train.js';
export {
  type ReplicaResult,
  type ReplicatedEvent,
  type ReplicatedRun,
  type Round,
} from '../training/replicated-training.js';
export { learntClasses, modelFor } from '../training/model-for-data.js';
export { type DividedImages, divideImages } from '../training/divide-images.js';
export { type Evaluate, type SmallEvaluation, type WatchedEvent, type WatchedWeights } from '../training/watch.js';
export { pictureOptions } from '../training/picture-options.js';
export { type DistillConfig, distillConfigSchema, resolveDistillConfig } from '../distillation/distill-config.js';
export { type DistillCheckpoint } from '../distillation/distill-checkpoint.js';
export { type DistillEvent, type DistillRun, type DistillStore, distill } from '../distillation/distill-run.js';
