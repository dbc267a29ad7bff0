/**
 * Scores generated images: Fréchet and kernel distances, Inception score, precision and recall, bits per dimension, classifiers to
 * compute features with, and receipts that record the scores.
 *
 * @module ts-diffusion/evaluation
 */
export { type ClassAccuracy, type Classification, classify } from '../classifier/classification.js';
export { VALUE_RANGE, decodeClassifier, encodeClassifier } from '../classifier/classifier-file.js';
export { type ClassifierNetwork, type ClassifierShape, type ClassifierTask } from '../classifier/classifier-network.js';
export { type ClassifierRecipe, classifierRecipeFor, classifierRecipes } from '../classifier/classifier-recipes.js';
export {
  type ClassifierRun,
  type ClassifierTraining,
  type ClassifierTrainingEvent,
  trainClassifier,
} from '../classifier/classifier-trainer.js';
export { type Classified, Classifier, type ClassifierImages } from '../classifier/classifier.js';
export {
  type BitsPerDim,
  type BitsPerDimOptions,
  type LabelledImages,
  type StepBits,
  bitsPerDim,
} from '../evaluation/bits-per-dim.js';
export { quarterTurns } from '../data/quarter-turns.js';
export { type Distortion } from '../data/distortion.js';
export { type EvaluationNetworks, type EvaluatorInput } from '../evaluation/classified-set.js';
export {
  type CompareReceiptsOptions,
  type ComparisonRow,
  type NamedReceipt,
  compareReceipts,
} from '../evaluation/compare-receipts.js';
export {
  type Evaluation,
  evaluationDefaults,
  type EvaluationOptions,
  ImageScorer,
  KNOWN_ACCURACY,
} from '../evaluation/evaluate.js';
export {
  type ImagesAtHand,
  type ImagesToMeasureOptions,
  type MeasureOptions,
  imagesToMeasure,
  measureImages,
  mergeMeasurements,
  scoringBatches,
} from '../evaluation/measurements.js';
export { type Measurements } from '../evaluation/measured.js';
export { type Histograms, type PixelStatistics } from '../evaluation/scores/histograms.js';
export { type Suspicions } from '../evaluation/scores/two-sample.js';
export { FeatureStatistics } from '../evaluation/feature-statistics.js';
export { type Features, createFeatures } from '../evaluation/features.js';
export { floorRatio } from '../evaluation/floor-ratio.js';
export {
  type BootstrapDistance,
  type BootstrapOptions,
  type FrechetFloor,
  bootstrapFrechetDistance,
  frechetDistance,
  frechetDistanceWithFloor,
} from '../evaluation/frechet-distance.js';
export { generationOf } from '../evaluation/generation.js';
export { weightsHash } from '../pipeline/weights-hash.js';
export { type InceptionScore, inceptionScore } from '../evaluation/inception-score.js';
export { type ExtractOptions, InceptionFeatures } from '../evaluation/inception/features.js';
export {
  type KernelDistance,
  type KernelDistanceOptions,
  kernelInceptionDistance,
} from '../evaluation/kernel-inception-distance.js';
export { type Matrix } from '../evaluation/linear-algebra/matrix.js';
export { mean } from '../evaluation/moments.js';
export { type NearestNeighbours, nearestNeighbours } from '../evaluation/nearest-neighbours.js';
export { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from '../evaluation/precision-recall.js';
export { type ProgressHook } from '../evaluation/progress.js';
export {
  type Generation,
  type Receipt,
  type Score,
  type ReceiptContents,
  decodeReceipt,
  encodeReceipt,
} from '../evaluation/receipt.js';
export {
  type ScoredImages,
  type ShownImages,
  imagesOfDataset,
  planarImages,
  scoredImages,
  scoredPlanes,
} from '../evaluation/scored-images.js';
export { currentMetricName } from '../utils/metric-names.js';
export { FID_METRIC } from '../evaluation/scores/fid.js';
export { FRECHET_METRIC } from '../evaluation/scores/frechet.js';
export { KERNEL_METRIC } from '../evaluation/scores/kernel.js';
export { INCEPTION_METRIC } from '../evaluation/scores/inception.js';
export { LABEL_METRIC } from '../evaluation/scores/label-accuracy.js';
export { NEAR_COPIES_METRIC } from '../evaluation/scores/near-copies.js';
export { DENSITY_METRIC, RECALL_METRIC } from '../evaluation/scores/neighbourhoods.js';
export { type NetworkFiles, loadEvaluationNetworks } from '../evaluation/shipped-networks.js';
export { describeMachine } from '#platform/machine.js';
export { type EvaluationCache } from '../evaluation/evaluation-cache.js';
export { MemoryEvaluationCache } from '../evaluation/memory-evaluation-cache.js';
