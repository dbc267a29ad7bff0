import { fileURLToPath } from 'node:url';
import * as data from '../../src/entries/data.js';
import * as diffusion from '../../src/entries/diffusion.js';
import * as evaluation from '../../src/entries/evaluation.js';
import * as images from '../../src/entries/images.js';
import * as main from '../../src/entries/main.js';
import * as node from '../../src/entries/node.js';
import * as train from '../../src/entries/train.js';
import {
  config,
  bootstrap,
  dataset,
  denoiser,
  end,
  features,
  floats,
  gray,
  images8,
  network,
  pipeline,
  pixels,
  pixelsOfPicture,
  plan,
  samples28,
  schedule,
  statistics,
  type Call,
} from './fixtures.js';

const levelImages = { images: new Uint8Array(64), channels: 1, height: 8, width: 8 };

const calls: readonly (readonly [name: string, call: Call['call'], given: readonly unknown[]])[] = [
  ['shardSpan', node.shardSpan, [[{ first: 0, count: 1 }], { index: 1, of: 1 }]],
  ['planPart', node.planPart, [plan, { first: 0, count: 1 }]],
  ['addNoise', diffusion.addNoise, [schedule, floats(64), [1], floats(64), 64, new Float32Array(64)]],
  ['linearPathPoint', diffusion.linearPathPoint, [0.8, 0.6]],
  ['slerp', diffusion.slerp, [floats(8), floats(8), 0.5]],
  ['withMixedLabels', diffusion.withMixedLabels, [network, Int32Array.of(1), [0.5]]],
  ['withGuidance', diffusion.withGuidance, [network, 1, { rescale: 0.5, interval: [1, 3] }]],
  ['resolveGuidanceWeight', diffusion.resolveGuidanceWeight, [{ guidanceScale: 2 }, 0]],
  ['guidanceTimesteps', diffusion.guidanceTimesteps, [schedule, [0, 1]]],
  ['fitToneCurve', diffusion.fitToneCurve, [levelImages, levelImages]],
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
  ['interleaved', images.interleaved, [pixels, 1]],
  ['planar', images.planar, [pixels, 4]],
  ['toRgba', images.toRgba, [pixels, 64]],
  ['pixelsOf', main.pixelsOf, [{ imageChannels: 1, imageSize: 8 }]],
  ['imageLength', data.imageLength, [{ channels: 3, height: 8, width: 8 }]],
  ['imageAt', data.imageAt, [dataset, 0, new Uint8Array(64)]],
  ['inMemory', data.inMemory, [dataset]],
  [
    'closeImages',
    (given) => {
      data.closeImages(given);
    },
    [dataset],
  ],
  ['pictureOptions', train.pictureOptions, [config]],
  ['divideImages', train.divideImages, [dataset, { validation: 0, seed: 1 }, dataset]],
  ['scoredPlanes', evaluation.scoredPlanes, [pixels, { width: 8, height: 8 }, [3], 'a test']],
  ['imageGrid', images.imageGrid, [pixels, { width: 8, height: 8 }, 1, 2]],
  ['enlarge', images.enlarge, [gray, 2]],
  ['encodeGif', images.encodeGif, [[{ ...gray, delay: 10 }]]],
  ['encodePng', images.encodePng, [pixels, 8, 8]],
  ['toModelRange', images.toModelRange, [pixels, new Float32Array(64)]],
  ['toBytes', images.toBytes, [floats(64)]],
  [
    'ImageAnimation',
    (...given) => new images.ImageAnimation(...(given as unknown as [number, number, number])),
    [1, 64, 3],
  ],
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
  ['holdOut', data.holdOut, [dataset]],
  ['planarImages', evaluation.planarImages, [samples28]],
  ['areKnownDigits', data.areKnownDigits, ['ab'.repeat(32)]],
  ['imagesAt', data.imagesAt, [dataset, [0], 'a test']],
  ['viewOf', data.viewOf, [dataset, [0], 'a test']],
  ['quarterTurns', evaluation.quarterTurns, [dataset]],
  ['classify', evaluation.classify, [Float32Array.of(0.5, 0.5), [1], 2]],
  ['planSampling', main.planSampling, [pipeline, { labels: [1] }]],
  ['planEdit', main.planEdit, [pipeline, { labels: [1], images: pixels, strength: 0.5 }]],
  ['planInpainting', main.planInpainting, [pipeline, { labels: [1], images: pixels, mask: pixels }]],
  ['planInterpolation', main.planInterpolation, [pipeline, { from: end, to: end, frames: 2 }]],
  ['planEncoding', main.planEncoding, [pipeline, { labels: [1], images: pixels, iterations: 1 }]],
  ['runPlan', main.runPlan, [plan, { onState: () => undefined }]],
  ['planStates', (...given) => main.planStates(...(given as unknown as [main.SamplingPlan])).next(), [plan, {}]],
  [
    'DiffusionPipeline.generate',
    (...given) => pipeline.generate(...(given as unknown as [main.SampleOptions])),
    [{ labels: [1], samplingSteps: 1, seed: 0, batchSize: 1 }],
  ],
  [
    'DiffusionPipeline.edit',
    (given) => pipeline.edit(given),
    [{ labels: [1], images: pixels, samplingSteps: 1, strength: 1 }],
  ],
  [
    'DiffusionPipeline.inpaint',
    (given) => pipeline.inpaint(given),
    [{ labels: [1], images: pixels, mask: pixels, samplingSteps: 1 }],
  ],
  [
    'DiffusionPipeline.interpolate',
    (given) => pipeline.interpolate(given),
    [{ from: end, to: end, frames: 2, samplingSteps: 1 }],
  ],
  [
    'DiffusionPipeline.encode',
    (given) => pipeline.encode(given),
    [{ labels: [1], images: pixels, samplingSteps: 1, iterations: 0 }],
  ],
  [
    'DiffusionPipeline.initialNoise',
    (...given) => pipeline.initialNoise(...(given as unknown as [number, number])),
    [0, 0],
  ],
  ['DiffusionPipeline.warmUp', (given) => pipeline.warmUp(given), [1]],
  [
    'loadModel',
    node.loadModel,
    [fileURLToPath(new URL('../../models/quick.safetensors', import.meta.url)), { ema: true }],
  ],
  ['resolveTrainConfig', train.resolveTrainConfig, ['quick', { steps: 3 }]],
  ['trainConfigFor', train.trainConfigFor, [{ height: 8, width: 8, channels: 3, count: 5 }, 'images', { steps: 3 }]],
];

/** Drawing, its mathematics, pictures and scores. */
export const drawingCalls: readonly Call[] = calls.map(([name, call, given]) => ({
  ...{ name, call, given },
  // Labels may be null: unknown.
  ...((name === 'scoredImages' || name === 'scoredPlanes') && { nullable: [2] }),
  // How many images to warm up for has a default.
  ...(name === 'DiffusionPipeline.warmUp' && { allOptional: true }),
}));
