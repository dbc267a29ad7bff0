import * as data from '../../src/entries/data.js';
import * as diffusion from '../../src/entries/diffusion.js';
import * as evaluation from '../../src/entries/evaluation.js';
import * as main from '../../src/entries/main.js';
import { resolveTrainConfig } from '../../src/entries/train.js';
import { tinyModel } from '../pipeline/tiny-model.js';

export const schedule = diffusion.createNoiseSchedule('linear', 10);
export const runtime = await main.createRuntime({ device: 'cpu', threads: 1 });
export const pipeline = new main.DiffusionPipeline(runtime, tinyModel());
export const plan = main.planSampling(pipeline, { labels: [1], samplingSteps: 1 });
export const network = diffusion.networkFrom((x) => Promise.resolve(x.data));
export const denoiser = diffusion.denoiserFrom((x) => Promise.resolve(x.data));
export const floats = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => (i % 5) / 5);
export const pixels = new Uint8Array(64).fill(7);
export const gray = { data: pixels, width: 8, height: 8 };
export const pixelsOfPicture = { ...gray, channels: 1 as const };
export const features = evaluation.createFeatures(floats(60), 3);
export const statistics = evaluation.FeatureStatistics.of(features);
export const images8 = { shape: [1, 8, 8], data: pixels };
export const dataset = data.createDataset(images8, { shape: [1], data: Uint8Array.of(3) }, 'a test');
export const end = { label: 1, noise: floats(64) };
export const bootstrap = { resamples: 2, seed: 0 };

export const config = resolveTrainConfig('paper', {
  steps: 1,
  batchSize: 1,
  channels: [4, 8, 16],
  timesteps: 10,
  samplingSteps: 5,
});
const zeros28 = { shape: [20, 28, 28], data: Uint8Array.from({ length: 20 * 784 }, (_, i) => (i * 37) % 256) };
export const digits28 = data.createDataset(
  zeros28,
  { shape: [20], data: Uint8Array.from({ length: 20 }, (_, i) => i % 10) },
  'a test',
);

export const scored28 = evaluation.imagesOfDataset(digits28);
export const samples28 = evaluation.scoredImages(
  digits28.images.toReversed(),
  { height: 28, width: 28 },
  null,
  'other images',
);

/** A call that is right, with every argument that may be given. */
export interface Call {
  /** As it is exported; of a class, with the method. */
  readonly name: string;
  readonly call: (...given: never[]) => unknown;
  readonly given: readonly unknown[];
  /** Arguments that may be null, by their index. */
  readonly nullable?: readonly number[];
  /** Options that may be of several kinds, which are not tried. */
  readonly ofManyKinds?: readonly string[];
  /** Whether nothing has to be given. */
  readonly allOptional?: boolean;
}

/** What is made by the library: its fields are not options. */
export const parts = new Set<object>([
  schedule,
  plan,
  features,
  dataset,
  pipeline,
  runtime,
  config,
  digits28,
  scored28,
  samples28,
  ...Object.values(diffusion.samplers),
]);
