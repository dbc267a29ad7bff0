/**
 * What only Node.js has: run folders, model and picture files, caches on disk, the native runtime and its devices.
 *
 * @module ts-diffusion/node
 */
export { type Shard, planPart, shardSpan } from '../pipeline/shards.js';
export { type InceptionWeights, type RemoteWeights } from '../evaluation/inception/weights.js';
export { type LoadInceptionWeightsOptions, loadInceptionWeights } from '../node/evaluation/inception-weights.js';
export {
  type ClassifierReceipt,
  readClassifierReceipt,
  receiptPath,
  writeClassifierReceipt,
} from '../node/classifier/classifier-receipt.js';
export {
  type ImageFolder,
  type ReadImageFolderOptions,
  readImageFolder,
  readPicture,
} from '../node/data/image-folder.js';
export { type NetworkPaths, networkFiles } from '../node/evaluation/network-files.js';
export { FileEvaluationCache } from '../node/evaluation/evaluation-cache.js';
export { writeError, writeFileAtomic } from '../node/files/atomic-file.js';
export { type OutputFile, type OutputFolder, checkOutputFile, checkOutputFolder } from '../node/files/check-output.js';
export { type LoadOptions, loadCheckpoint, loadModel } from '../node/models/load-model.js';
export { readDiffusersFolder } from '../node/models/diffusers-folder.js';
export { type ExportedDiffusers, exportDiffusers } from '../pipeline/export-diffusers.js';
export { type DiffusersSampling } from '../pipeline/diffusers-sampling.js';
export { type ShippedModel, shippedModel, shippedModels } from '../node/models/shipped-models.js';
export { sha256Hex } from '#platform/sha256.js';
export { defaultThreads } from '../node/runtime/threads.js';
export { type NodeRuntimeOptions, createNodeRuntime } from '../node/runtime/node.js';
export { type OpenOptions } from '../node/training/checkpoint-folder.js';
export { type CheckpointFiles } from '../node/training/checkpoint-set.js';
export { MetricsFile, readMetrics, readWatched } from '../node/training/metrics.js';
export { RunFolder, bestWeightsFile, hasTrained } from '../node/training/run-folder.js';
export { type RunLockOptions, type LockPurpose, lockHolder, RunLock } from '../node/training/run-lock.js';
export { type DownloadProgress } from '../data/download-progress.js';
export { type PictureReport, type SurveyedPicture } from '../data/picture-report.js';
export { openValidation } from '../node/data/open-validation.js';
export { picturesLike } from '../node/data/pictures-like.js';
export { openImages } from '../node/data/sources.js';
export { type HubConnectionOptions, type RepositoryKind } from '../node/hub/hub-connection.js';
export {
  type DownloadedRepository,
  type DownloadRepositoryOptions,
  downloadRepository,
  pinHubAddress,
} from '../node/hub/download-repository.js';
export { type UploadedFolder, type UploadFolderOptions, uploadFolder } from '../node/hub/upload-folder.js';
export { isHubAddress } from '../node/hub/hub-address.js';
export { cacheFolder } from '../node/data/cache-folder.js';
export { DistillFolder } from '../node/training/distill-folder.js';
export { readTrainConfigFile } from '../node/training/config-file.js';
export { readReceipt, writeReceipt } from '../node/evaluation/receipt-file.js';
export {
  type ReadShard,
  type ShardDescription,
  findShard,
  readShard,
  shardPath,
  writeShard,
} from '../node/shards/shard-file.js';
export { holdsShards, readShards } from '../node/shards/join-shards.js';
export { type TypedTensor } from '../formats/typed-tensors.js';
export { readScoredImages } from '../node/evaluation/read-scored-images.js';
export { type DeviceReport, detectDevices } from '../node/runtime/devices.js';
export { type PictureLimits, decodePicture } from '../node/formats/decode-picture.js';
export { checkPictureName, encodePicture, pictureExtensions } from '../node/formats/encode-picture.js';
