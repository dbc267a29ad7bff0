import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as data from '../src/entries/data.js';
import * as diffusion from '../src/entries/diffusion.js';
import * as evaluation from '../src/entries/evaluation.js';
import * as images from '../src/entries/images.js';
import * as main from '../src/entries/main.js';
import * as node from '../src/entries/node.js';
import * as train from '../src/entries/train.js';
import { WorkerPipeline } from '../src/entries/worker.js';
import { UserError } from '../src/utils/errors.js';
import { tinyModel } from './pipeline/tiny-model.js';

const schedule = diffusion.createNoiseSchedule('linear', 10);
const runtime = await main.createRuntime({ device: 'cpu', threads: 1 });
const pipeline = new main.DiffusionPipeline(runtime, tinyModel());
const plan = main.planSampling(pipeline, { labels: [1], samplingSteps: 1 });
const network = diffusion.networkFrom((x) => Promise.resolve(x.data));
const denoiser = diffusion.denoiserFrom((x) => Promise.resolve(x.data));
const floats = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => (i % 5) / 5);
const pixels = new Uint8Array(64).fill(7);
const gray = { data: pixels, width: 8, height: 8 };
const pixelsOfPicture = { ...gray, channels: 1 as const };
const features = evaluation.createFeatures(floats(60), 3);
const statistics = evaluation.FeatureStatistics.of(features);
const images8 = { shape: [1, 8, 8], data: pixels };
const dataset = data.createDataset(images8, { shape: [1], data: Uint8Array.of(3) }, 'a test');
const end = { label: 1, noise: floats(64) };
const bootstrap = { resamples: 2, seed: 0 };

/** Calls that are right, with every argument that may be given. */
const calls: readonly (readonly [name: string, call: (...given: never[]) => unknown, given: readonly unknown[]])[] = [
  ['addNoise', diffusion.addNoise, [schedule, floats(64), [1], floats(64), 64, new Float32Array(64)]],
  ['slerp', diffusion.slerp, [floats(8), floats(8), 0.5]],
  ['withMixedLabels', diffusion.withMixedLabels, [network, Int32Array.of(1), [0.5]]],
  ['withGuidance', diffusion.withGuidance, [network, 1, { rescale: 0.5, interval: [1, 3] }]],
  ['resolveGuidanceWeight', diffusion.resolveGuidanceWeight, [{ guidanceScale: 2 }, 0]],
  ['guidanceTimesteps', diffusion.guidanceTimesteps, [schedule, [0, 1]]],
  ['startFromImages', diffusion.startFromImages, [schedule, floats(64), [3, 2, 1], 0.5, floats(64)]],
  [
    'invert',
    diffusion.invert,
    [
      denoiser,
      schedule,
      { shape: [1, 1, 8, 8], data: floats(64) },
      Int32Array.of(1),
      { timesteps: [3, 1], iterations: 0 },
    ],
  ],
  [
    'createNoiseSchedule',
    diffusion.createNoiseSchedule,
    ['cosine', 10, { rescaleBetas: false, zeroTerminalSnr: false }],
  ],
  ['noisingFigure', diffusion.noisingFigure, [[schedule], floats(64), floats(64), [0, 5]]],
  ['evenlySpacedTimesteps', diffusion.evenlySpacedTimesteps, [10, 3, 1]],
  ['spacedTimesteps', diffusion.spacedTimesteps, [schedule, 3, 'even']],
  [
    'NoiseSource',
    (...given) => new diffusion.NoiseSource(...(given as unknown as [number, number, number, number])),
    [0, 0, 1, 64],
  ],
  ['imageGrid', images.imageGrid, [pixels, { width: 8, height: 8 }, 1, 2]],
  ['enlarge', images.enlarge, [gray, 2]],
  ['encodeGif', images.encodeGif, [[{ ...gray, delay: 10 }]]],
  ['encodePng', images.encodePng, [pixels, 8, 8]],
  ['toModelRange', images.toModelRange, [pixels, new Float32Array(64)]],
  ['toBytes', images.toBytes, [floats(64)]],
  ['Animation', (...given) => new images.Animation(...(given as unknown as [number, number, number])), [1, 64, 3]],
  [
    'FilmStrip',
    (...given) => new images.FilmStrip(...(given as unknown as [number, number, number[]])),
    [1, 64, [10, 0]],
  ],
  ['transparency', images.transparency, [pixelsOfPicture]],
  ['isColoured', images.isColoured, [pixelsOfPicture]],
  ['onBlack', images.onBlack, [pixelsOfPicture, 1]],
  ['createDataset', data.createDataset, [images8, { shape: [1], data: Uint8Array.of(3) }, 'a test', 10]],
  ['seenClasses', data.seenClasses, [dataset]],
  ['decodeIdx', data.decodeIdx, [data.encodeIdx(images8), 'x', 3]],
  ['encodeIdx', data.encodeIdx, [images8]],
  ['decodeSafetensors', data.decodeSafetensors, [data.encodeSafetensors(new Map()), 'x']],
  ['encodeSafetensors', data.encodeSafetensors, [new Map(), {}, 'F32']],
  ['FeatureStatistics', (...given) => new evaluation.FeatureStatistics(...(given as unknown as [number])), [3]],
  ['FeatureStatistics.of', (given) => evaluation.FeatureStatistics.of(given), [features]],
  [
    'FeatureStatistics.add',
    (given) => {
      statistics.add(given);
    },
    [floats(3)],
  ],
  [
    'FeatureStatistics.merge',
    (given) => {
      new evaluation.FeatureStatistics(3).merge(given);
    },
    [statistics],
  ],
  ['createFeatures', evaluation.createFeatures, [floats(60), 3]],
  ['frechetDistance', evaluation.frechetDistance, [statistics, statistics, () => undefined]],
  [
    'frechetDistanceWithFloor',
    evaluation.frechetDistanceWithFloor,
    [statistics, statistics, statistics, () => undefined],
  ],
  ['bootstrapFrechetDistance', evaluation.bootstrapFrechetDistance, [features, statistics, bootstrap]],
  ['inceptionScore', evaluation.inceptionScore, [Float32Array.of(0.5, 0.5), 2, 1]],
  [
    'kernelInceptionDistance',
    evaluation.kernelInceptionDistance,
    [features, features, { subsets: 2, subsetSize: 10, seed: 0 }],
  ],
  ['mean', evaluation.mean, [[1, 2]]],
  ['nearestNeighbours', evaluation.nearestNeighbours, [features, features, () => undefined]],
  ['precisionRecall', evaluation.precisionRecall, [features, features, { neighbours: 2 }]],
  ['scoredImages', evaluation.scoredImages, [pixels, { width: 8, height: 8 }, [3], 'a test', new Uint8Array(192)]],
  ['imagesOfDataset', evaluation.imagesOfDataset, [dataset]],
  ['classify', evaluation.classify, [Float32Array.of(0.5, 0.5), [1], 2]],
  ['planSampling', main.planSampling, [pipeline, { labels: [1] }]],
  ['planEdit', main.planEdit, [pipeline, { labels: [1], images: pixels, strength: 0.5 }]],
  ['planInpainting', main.planInpainting, [pipeline, { labels: [1], images: pixels, mask: pixels }]],
  ['planInterpolation', main.planInterpolation, [pipeline, { from: end, to: end, frames: 2 }]],
  ['planEncoding', main.planEncoding, [pipeline, { labels: [1], images: pixels, iterations: 1 }]],
  ['runPlan', main.runPlan, [plan, { onState: () => undefined }]],
  ['planStates', (...given) => main.planStates(...(given as unknown as [main.SamplingPlan])).next(), [plan, {}]],
  [
    'generate',
    (...given) => pipeline.generate(...(given as unknown as [main.SampleOptions])),
    [{ labels: [1], samplingSteps: 1, seed: 0, batchSize: 1 }],
  ],
  ['edit', (given) => pipeline.edit(given), [{ labels: [1], images: pixels, samplingSteps: 1, strength: 1 }]],
  ['inpaint', (given) => pipeline.inpaint(given), [{ labels: [1], images: pixels, mask: pixels, samplingSteps: 1 }]],
  ['interpolate', (given) => pipeline.interpolate(given), [{ from: end, to: end, frames: 2, samplingSteps: 1 }]],
  ['encode', (given) => pipeline.encode(given), [{ labels: [1], images: pixels, samplingSteps: 1, iterations: 0 }]],
  ['initialNoise', (...given) => pipeline.initialNoise(...(given as unknown as [number, number])), [0, 0]],
  ['warmUp', (given) => pipeline.warmUp(given), [1]],
  [
    'loadModel',
    node.loadModel,
    [fileURLToPath(new URL('../models/quick.safetensors', import.meta.url)), { ema: true }],
  ],
  ['resolveTrainConfig', train.resolveTrainConfig, ['quick', { steps: 3 }]],
];

const kindOf = (value: unknown): string => Object.prototype.toString.call(value);

/** What is made by the library: its fields are not options. */
const parts = new Set<object>([schedule, plan, features, dataset, pipeline]);

/** Of every kind, none of them what any argument here wants; and numbers that are none. */
const wrong: readonly unknown[] = [
  null,
  NaN,
  'three',
  '3',
  {},
  [{}],
  true,
  10n,
  new Date(0),
  new Float64Array(2),
  Symbol('x'),
];

/** Values that stand for what is wrong of the same kind as a right one. */
function wrongInPlaceOf(right: unknown): readonly unknown[] {
  const others = wrong.filter((value) => kindOf(value) !== kindOf(right) || Number.isNaN(value));
  // What is array-like may be any typed array, and what is an object, one of options, may lack everything.
  return Array.isArray(right) ? others.filter((value) => !(value instanceof Float64Array)) : others;
}

const attempt = async (call: (...given: never[]) => unknown, given: readonly unknown[]): Promise<unknown> =>
  await call(...(given as never[]));

describe.each(calls)('%s', (name, call, given) => {
  it('takes what is right', async () => {
    await attempt(call, given);
  });

  // Labels may be null: unknown.
  const allowed = (i: number, value: unknown): boolean => name === 'scoredImages' && i === 2 && value === null;
  const cases = given.flatMap((right, i) =>
    wrongInPlaceOf(right)
      .filter((value) => !allowed(i, value))
      .map((value) => [i, kindOf(value), value] as const),
  );
  it('refuses what is of another kind', async () => {
    for (const [i, kind, value] of cases) {
      const failed: unknown = await attempt(call, given.with(i, value)).catch((error: unknown) => error);
      expect(failed, `argument ${i}: ${kind} ${String(value)}`).toBeInstanceOf(UserError);
    }
  });

  const fields = given.flatMap((right, i) => {
    const isOptions =
      kindOf(right) === '[object Object]' &&
      Object.getPrototypeOf(right) === Object.prototype &&
      !parts.has(right as object);
    return isOptions
      ? Object.entries(right as object).map(([field, value]) => [i, right as object, field, value as unknown] as const)
      : [];
  });
  if (fields.length > 0) {
    it('refuses options of another kind', async () => {
      for (const [i, options, field, right] of fields) {
        for (const value of wrongInPlaceOf(right)) {
          const failed: unknown = await attempt(call, given.with(i, { ...options, [field]: value })).catch(
            (error: unknown) => error,
          );
          expect(failed, `option ${field}: ${kindOf(value)} ${String(value)}`).toBeInstanceOf(UserError);
        }
      }
    });
  }

  // How many images to warm up for has a default.
  if (name !== 'warmUp') {
    it('refuses to be called without anything', async () => {
      await expect(attempt(call, [])).rejects.toBeInstanceOf(UserError);
    });
  }
});

const loaders = [
  (...given: Parameters<typeof main.DiffusionPipeline.load>) => main.DiffusionPipeline.load(...given),
  (...given: Parameters<typeof WorkerPipeline.load>) => WorkerPipeline.load(...given),
];

describe('loading a pipeline', () => {
  it.each([null, undefined, 3, {}, [], true])('from %s', async (source) => {
    for (const load of loaders) {
      await expect(attempt(load, [source])).rejects.toBeInstanceOf(UserError);
    }
  });

  it.each([null, 3, 'cpu', { threads: '2' }, { device: 3 }, { onProgress: true }, { signal: {} }, { ema: 'yes' }])(
    'with %j',
    async (options) => {
      for (const load of loaders) {
        await expect(attempt(load, ['quick', options])).rejects.toBeInstanceOf(UserError);
      }
    },
  );
});
