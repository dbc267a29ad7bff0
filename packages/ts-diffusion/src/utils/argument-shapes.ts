import {
  address,
  bytes,
  callback,
  choice,
  count,
  finite,
  flag,
  floats,
  like,
  listOf,
  number,
  numbers,
  oneOf,
  options,
  positiveCount,
  record,
  signal,
  text,
} from './arguments.js';

/** The objects that the public functions give to each other, as far as a caller may mistake one for another. */

export const schedule = like('a noise schedule of createNoiseSchedule', {
  timesteps: positiveCount,
  alphasCumprod: numbers,
});
export const runtime = like('a runtime of createRuntime', { compile: callback });
export const drawable = like('a DiffusionPipeline', { model: record, schedule, network: callback });
export const plan = like('a plan of planSampling, planEdit, planInpainting or planInterpolation', {
  sampling: record,
  schedule,
  begin: callback,
});
export const statistics = like('FeatureStatistics', { dimension: positiveCount, covariance: callback });
export const features = like('features of createFeatures', { rows: count, columns: positiveCount, data: floats });
const storedImages = oneOf(
  [bytes, like('images kept in a file', { read: callback, close: callback })],
  'a Uint8Array, or images kept in a file',
);
/** Labels are not looked at, which are many. */
export const imagesOfSize = like('a data set of loadDataset, openImages or createDataset', {
  images: storedImages,
  height: positiveCount,
  width: positiveCount,
});
export const dataset = like('a data set of loadDataset, openImages or createDataset', {
  images: storedImages,
  labels: numbers,
  height: positiveCount,
  width: positiveCount,
});
export const imageSize = like('an object with height and width', { height: positiveCount, width: positiveCount });
export const rasterImage = like('an image with data, width and height', {
  data: bytes,
  width: positiveCount,
  height: positiveCount,
  channels: positiveCount.optional(),
});
export const idxArray = like('an object with shape and data', { shape: numbers, data: bytes });
export const imageBatch = like('images with shape and data', { shape: numbers, data: floats });
export const picture = like('a picture with data, channels, width and height', {
  data: bytes,
  channels: positiveCount,
  width: positiveCount,
  height: positiveCount,
});
const counts = listOf(positiveCount, 'an array of whole numbers of at least 1');
/** The configuration of a network that denoises. */
export const network = options({
  architecture: choice(['paper-unet', 'modern-unet', 'unet2d']),
  imageSize: positiveCount,
  imageChannels: positiveCount,
  channels: counts,
  classes: count,
  timeEmbedding: oneOf([count, choice(['sinusoidal', 'fourier'])], 'a whole number, or sinusoidal or fourier'),
  patchSize: positiveCount.optional(),
  blocks: counts.optional(),
  attentionHeads: positiveCount.optional(),
});
export const end = like('an end with a label and its noise, a Float32Array', { label: number, noise: floats });
export const runOptions = options({ signal: signal.optional(), onState: callback.optional() }).optional();
export const modelSource = oneOf([text, bytes, address], 'the name, path, address or bytes of a model');
/** Where programs run. */
export const device = oneOf(
  [choice(['cpu', 'wasm', 'webgpu'])],
  'one of cpu, wasm, webgpu; only a worker (WorkerPipeline) chooses between them, by auto',
);
/** Where a worker computes. */
export const deviceChoice = choice(['auto', 'cpu', 'wasm', 'webgpu']);
export const wasmPaths = oneOf([text, record], 'an address or addresses by name').optional();
const loading = {
  threads: count.optional(),
  wasmPaths,
  sampling: record.optional(),
  batchSizes: numbers.optional(),
  ema: flag.optional(),
  cache: flag.optional(),
  modelsUrl: oneOf([text, address], 'an address').optional(),
  onProgress: callback.optional(),
  onMessage: callback.optional(),
  signal: signal.optional(),
};
export const loadOptions = options({ ...loading, device: device.optional() });
export const workerLoadOptions = options({
  ...loading,
  device: deviceChoice.optional(),
  warmUp: flag.optional(),
  newestWins: flag.optional(),
});
export const zodObject = like('a zod schema of an object', { safeParse: callback, shape: record });
export const sampler = like('a sampler, by defineSampler or one of samplers', {
  name: text,
  order: number,
  stochastic: oneOf([flag, callback], 'true, false or a function'),
  options: record,
  step: callback,
});
export const failure = like('an Error', { message: text });

/** How a download goes on, and where its settings are. */
const downloading = {
  offline: flag.optional(),
  onMessage: callback.optional(),
  onProgress: callback.optional(),
  signal: signal.optional(),
  connectTimeout: finite.optional(),
  stallTimeout: finite.optional(),
  retryDelay: finite.optional(),
  environment: record.optional(),
};
export const loadDatasetOptions = options({
  ...downloading,
  split: choice(['train', 'validation', 'test']),
  directory: text.optional(),
  classes: count.optional(),
  remote: record.optional(),
});
export const loadWeightsOptions = options({ ...downloading, path: text.optional(), remote: record.optional() });
export const split = choice(['train', 'validation', 'test']);
