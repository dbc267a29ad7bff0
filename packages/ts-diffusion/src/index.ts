/** The library: everything the command line does, from code. */
export { DiffusionPipeline, type PipelineModel, type PipelineOptions } from './pipeline/diffusion-pipeline.js';
export type {
  EditOptions,
  EncodedImages,
  EncodeOptions,
  GeneratedImages,
  InpaintOptions,
  InterpolateOptions,
  InterpolationEnd,
  PipelineState,
  SampleOptions,
  SamplingOptions,
} from './pipeline/sample-options.js';
export { exportModelFiles, type ExportedModel, type ExportOptions } from './pipeline/export-model.js';
export { Animation } from './pipeline/animation.js';
export { FilmStrip } from './pipeline/film-strip.js';
export { loadCheckpoint, loadModel } from './node/models/load-model.js';
export type { LoadedModel } from './pipeline/model-file.js';
export { shippedModel, shippedModels, type ShippedModel } from './node/models/shipped-models.js';
export { pipelineModel } from './pipeline/pipeline-model.js';
export type { WeightsOrigin } from './pipeline/weights-origin.js';

export {
  parseTrainConfigFile,
  resolveTrainConfig,
  trainPresets,
  type TrainConfig,
  type TrainPreset,
} from './training/config.js';
export { type Checkpoint } from './training/checkpoint-format.js';
export { TrainingDivergedError } from './training/errors.js';
export { RunFolder } from './node/training/run-folder.js';
export { classifierRecipes, type ClassifierRecipe } from './classifier/classifier-recipes.js';
export {
  trainClassifier,
  type ClassifierRun,
  type ClassifierTraining,
  type ClassifierTrainingEvent,
} from './classifier/classifier-trainer.js';
export { type InitialWeights } from './training/initial-weights.js';
export { train, type StopReason, type TrainingEvent, type TrainingRun } from './training/training-run.js';

export { NULL_LABEL, type Denoiser, type ImageBatch } from './diffusion/denoiser.js';
export { addNoise } from './diffusion/forward-process.js';
export { guidanceTimesteps, resolveOmega, withGuidance, type GuidanceOptions } from './diffusion/guidance.js';
export { startFromImages } from './diffusion/image-to-image.js';
export { withKnownPixels } from './diffusion/inpainting.js';
export { slerp, withMixedLabels } from './diffusion/interpolation.js';
export { invert, type InversionOptions } from './diffusion/inversion.js';
export {
  createNoiseSchedule,
  noiseScheduleNames,
  type NoiseSchedule,
  type NoiseScheduleName,
  type NoiseScheduleOptions,
} from './diffusion/noise-schedule.js';
export { NoiseSource } from './diffusion/noise-source.js';
export { noisingFigure, type NoisingRow } from './diffusion/noising-figure.js';
export { asEpsilon, asX0, predictionTypes, type PredictionType } from './diffusion/prediction.js';
export {
  samplerNames,
  samplers,
  type Sampler,
  type SamplerName,
  type SamplerOptions,
  type SamplerStart,
  type SamplerState,
} from './diffusion/samplers/index.js';
export { spacedTimesteps, timestepSpacings, type TimestepSpacing } from './diffusion/timestep-spacing.js';
export { evenlySpacedTimesteps } from './diffusion/timesteps.js';

export { denoiserParameters, type DenoiserConfig } from './models/denoiser-network.js';
export { type ModernUNetConfig } from './models/modern-unet.js';
export { paperUNet, type UNetConfig } from './models/unet.js';
export { type ParameterLayout, type ParameterSpec } from './nn/parameters.js';

export {
  bitsPerDim,
  type BitsPerDim,
  type BitsPerDimOptions,
  type LabelledImages,
  type StepBits,
} from './evaluation/bits-per-dim.js';
export { classify, type ClassAccuracy, type Classification } from './classifier/classification.js';
export { Classifier, type Classified, type ClassifierImages } from './classifier/classifier.js';
export { FeatureStatistics } from './evaluation/feature-statistics.js';
export { createFeatures, type Features } from './evaluation/features.js';
export {
  bootstrapFrechetDistance,
  frechetDistance,
  frechetDistanceWithFloor,
  type BootstrapDistance,
  type BootstrapOptions,
  type FrechetFloor,
} from './evaluation/frechet-distance.js';
export { InceptionFeatures } from './evaluation/inception/features.js';
export { loadInceptionWeights, type InceptionWeights } from './evaluation/inception/weights.js';
export { inceptionScore, type InceptionScore } from './evaluation/inception-score.js';
export {
  kernelInceptionDistance,
  type KernelDistance,
  type KernelDistanceOptions,
} from './evaluation/kernel-inception-distance.js';
export { nearestNeighbours, type NearestNeighbours } from './evaluation/nearest-neighbours.js';
export { precisionRecall, type PrecisionRecall, type PrecisionRecallOptions } from './evaluation/precision-recall.js';
export { type ProgressHook } from './evaluation/progress.js';

export { compareReceipts, type ComparisonRow, type NamedReceipt } from './evaluation/compare-receipts.js';
export { EvaluationCache } from './node/evaluation/evaluation-cache.js';
export { ImageScorer, type Evaluation, type EvaluationOptions } from './evaluation/evaluate.js';
export { readReceipt, writeReceipt, type Receipt, type Score } from './evaluation/receipt.js';
export { imagesOfDataset, readScoredImages, scoredImages, type ScoredImages } from './evaluation/scored-images.js';
export { loadEvaluationNetworks } from './evaluation/shipped-networks.js';

export { createNodeRuntime } from './node/runtime/node.js';
export {
  RuntimeError,
  type DeviceName,
  type HostTensor,
  type Program,
  type ProgramSource,
  type Runtime,
} from './runtime/types.js';

export { toModelRange } from './data/batches.js';
export { type Dataset } from './data/dataset.js';
export { readImageFolder, type ImageFolder, type ImageSet } from './node/data/image-folder.js';
export { loadDataset } from './node/data/sources.js';

export { writeFileAtomic } from './node/files/atomic-file.js';
export { CheckpointError, ConfigError, DataError, EvaluationError, UserError, WriteError } from './utils/errors.js';
export { encodeGif, type GifFrame } from './utils/gif.js';
export { imageGrid, toBytes, type GrayImage } from './utils/image-grid.js';
export { encodePng } from './utils/png.js';
export { Purpose, RandomStream } from './utils/random.js';
