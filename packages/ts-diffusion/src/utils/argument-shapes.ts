import {
  address,
  bytes,
  callback,
  count,
  flag,
  floats,
  like,
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
export const dataset = like('a data set of loadDataset or createDataset', {
  images: bytes,
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
export const network = like('a network of paperUNet or the like', { architecture: text });
export const end = like('an end with a label and its noise, a Float32Array', { label: number, noise: floats });
export const runOptions = options({ signal: signal.optional(), onState: callback.optional() }).optional();
export const modelSource = oneOf([text, bytes, address], 'the name, path, address or bytes of a model');
/** Of `DiffusionPipeline.load` and `WorkerPipeline.load`. */
export const loadOptions = options({
  device: text.optional(),
  threads: count.optional(),
  sampling: record.optional(),
  batchSizes: numbers.optional(),
  warmUp: flag.optional(),
  newestWins: flag.optional(),
  ema: flag.optional(),
  cache: flag.optional(),
  modelsUrl: oneOf([text, address], 'an address').optional(),
  onProgress: callback.optional(),
  onMessage: callback.optional(),
  signal: signal.optional(),
});
