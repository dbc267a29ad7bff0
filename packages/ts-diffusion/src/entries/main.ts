export { createRuntime } from '#platform/runtime.js';
export { type RuntimeOptions, type WasmFiles } from '../runtime/options.js';
export { type Architecture, type DenoiserConfig, denoiserParameters } from '../models/denoiser-network.js';
export { type ModernUNetConfig } from '../models/modern-unet.js';
export { type UNetConfig, paperUNet } from '../models/unet.js';
export { type ParameterLayout, type ParameterSpec } from '../nn/parameters.js';
export { LARGEST_BATCH } from '../pipeline/batches.js';
export {
  DiffusionPipeline,
  type OnState,
  type PipelineModel,
  type PipelineOptions,
} from '../pipeline/diffusion-pipeline.js';
export { type ExportOptions, type ExportedModel, exportModelFiles } from '../pipeline/export-model.js';
export { type LoadedModel, decodeModelFile } from '../pipeline/model-file.js';
export { type ManifestEntry, type ModelManifest } from '../pipeline/model-manifest.js';
export { type LoadProgress, type ModelSource, type ReadModelOptions } from '../pipeline/model-source.js';
export { pipelineModel } from '../pipeline/pipeline-model.js';
export {
  type EditOptions,
  type EncodeOptions,
  type EncodedImages,
  type GeneratedImages,
  type InpaintOptions,
  type InterpolateOptions,
  type InterpolationEnd,
  type PipelineState,
  type SampleOptions,
  type SamplingOptions,
} from '../pipeline/sample-options.js';
export { type WeightsOrigin } from '../pipeline/weights-origin.js';
export { type BatchSizes, COMMON_BATCH_SIZES } from '../runtime/batch-sizes.js';
export {
  type DeviceName,
  type HostTensor,
  type Program,
  type ProgramSource,
  type Runtime,
  RuntimeError,
} from '../runtime/types.js';
