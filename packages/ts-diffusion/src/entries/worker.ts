/**
 * Draws, classifies and trains in a worker, so that the page or Node's event loop stays free: a Web Worker in a browser, a child
 * process in Node.js.
 *
 * @module ts-diffusion/worker
 */
export { type DeviceChoice, type DeviceOptions } from '../diagnostics/choose-runtime.js';
export { type LoadProgress, type ModelSource, type ReadModelOptions } from '../pipeline/model-source.js';
export { type BatchSizes, COMMON_BATCH_SIZES } from '../runtime/batch-sizes.js';
export { OutOfMemoryError } from '../runtime/out-of-memory.js';
export { type ForkedProcess, type WorkerHandle } from '../worker/connection.js';
export { DiffusionWorker, type DiffusionWorkerOptions } from '../worker/diffusion-worker.js';
export { WorkerEndedError } from '../worker/errors.js';
export { type WorkerModelInfo } from '../worker/model-info.js';
export { type WorkerTrainingOptions, trainInWorker } from '../worker/train-in-worker.js';
export { type WorkerTrainingEvent } from '../worker/training-event.js';
export { WorkerClassifier, type WorkerClassifierOptions } from '../worker/worker-classifier.js';
export { WorkerPipeline, type WorkerPipelineOptions, type WorkerRunOptions } from '../worker/worker-pipeline.js';
