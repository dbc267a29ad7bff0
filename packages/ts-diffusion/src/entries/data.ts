/**
 * Data sets of labelled images, and the file formats IDX and safetensors.
 *
 * @module ts-diffusion/data
 */
export { EMBEDDED } from '../data/embedded.js';
export {
  type Dataset,
  closeImages,
  createDataset,
  imageAt,
  imageLength,
  imagesAt,
  inMemory,
  seenClasses,
  type Split,
  type StoredImages,
  type TrainingImages,
  viewOf,
} from '../data/dataset.js';
export { holdOut } from '../data/hold-out.js';
export { type IdxArray, decodeIdx, encodeIdx } from '../data/idx.js';
export { type LoadDatasetOptions } from '../data/load-dataset-options.js';
export { type DownloadProgress } from '../data/download-progress.js';
export {
  type PictureFile,
  type PictureReport,
  type PictureSize,
  type SplitCount,
  type SurveyedPicture,
} from '../data/picture-report.js';
export { loadDataset, loadEmbeddedDigits } from '#platform/data-source.js';
export { areKnownDigits, MNIST_SHA256, type RemoteDataset, type RemoteFile } from '../data/mnist.js';
export { type PictureOptions } from '../data/picture-options.js';
export { type ImageSet } from '../data/image-set.js';
export { type ParseJsonOptions, parseJson } from '../formats/parse-json.js';
export { type Safetensors, decodeSafetensors, encodeSafetensors } from '../formats/safetensors.js';
export { type NamedTensor } from '../utils/named-tensor.js';
export { nextTurn } from '../utils/next-turn.js';
