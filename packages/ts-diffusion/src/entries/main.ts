/**
 * Draws images with a trained model, in Node.js and in browsers alike: `DiffusionPipeline.load` takes the name of a model of the
 * package, a path, an address or bytes. Plans (`planSampling`, `planEdit`, ...) and `runPlan` are what its methods are made of.
 *
 * @module ts-diffusion
 */
export { createRuntime } from '#platform/runtime.js';
export { type RuntimeOptions, type WasmFiles } from '../runtime/options.js';
export { DiffusionPipeline, type PipelineOptions } from '../pipeline/diffusion-pipeline.js';
export { type LoadProgress, type ModelSource, type ReadModelOptions } from '../pipeline/model-source.js';
export { type PipelineModel, type SamplingDefaults } from '../pipeline/pipeline-model.js';
export { type DrawableModel, type ImageKind, pixelsOf } from '../pipeline/drawable-model.js';
export {
  type EditOptions,
  type EncodeOptions,
  type InpaintOptions,
  type InterpolateOptions,
  type InterpolationEnd,
  type SampleOptions,
} from '../pipeline/sample-options.js';
export { type EncodedImages } from '../pipeline/encode-images.js';
export { type Span } from '../pipeline/batches.js';
export { planSampling } from '../pipeline/plan-sampling.js';
export { planEdit } from '../pipeline/plan-edit.js';
export { planInpainting } from '../pipeline/plan-inpainting.js';
export { interpolationSampling, planInterpolation } from '../pipeline/plan-interpolation.js';
export { planEncoding } from '../pipeline/plan-encoding.js';
export {
  planStates,
  runPlan,
  type GeneratedImages,
  type OnState,
  type PipelineState,
  type RunOptions,
} from '../pipeline/run-plan.js';
export { type SamplingPlan } from '../pipeline/sampling-plan.js';
export { resolveSampling, type ResolvedSampling } from '../pipeline/resolve-sampling.js';
export { type ExportOptions, type ExportedModel, encodeModel, exportModelFiles } from '../pipeline/export-model.js';
export { type LoadedModel } from '../pipeline/loaded-model.js';
export { decodeModelFile } from '../pipeline/model-file.js';
export { type ManifestEntry, type ModelManifest } from '../pipeline/model-manifest.js';
export { type WeightsChoice, configuredModel, pipelineModel, samplingDefaults } from '../pipeline/checkpoint-model.js';
export { continuedConfig } from '../pipeline/continued-config.js';
export { type WeightsOrigin } from '../pipeline/weights-origin.js';
export { type BatchSizes, COMMON_BATCH_SIZES } from '../runtime/batch-sizes.js';
export {
  type DeviceName,
  type HostTensor,
  type Program,
  type ProgramSource,
  type Runtime,
  type StateSpec,
} from '../runtime/types.js';
