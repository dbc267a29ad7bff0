import { imageLength, inMemory, type TrainingImages, viewOf } from '../data/dataset.js';
import { fitToneCurve, type LevelImages } from '../diffusion/tone-curve.js';
import type { FitToneCurve } from '../training/tone-curve-fit.js';
import { toBytes } from '../utils/pixel-range.js';
import { RandomStream } from '../utils/random.js';
import { configuredModel } from './checkpoint-model.js';
import { CompiledDenoiser } from './compiled-denoiser.js';
import { pixelsOf } from './drawable-model.js';
import { planSampling } from './plan-sampling.js';
import { planStates } from './run-plan.js';

/** Bytes of real images that grey levels are counted in, at most: those of larger sets are as frequent in a part. */
const MOST_BYTES = 50_000_000;
/** Of the images that a curve is fitted to, and of the choice of real ones: other noise than that of the images that people draw first. */
const SEED = 1;

/**
 * Draws `config.toneCurve` images by the default sampling of the model, of labels as frequent as in training, and fits the curve that gives them the
 * grey levels of the training images.
 *
 * @returns undefined where the signal was aborted meanwhile
 */
export const fitTrainedToneCurve: FitToneCurve = async function* (fit) {
  const { step: trained, config, model, parameters, images, runtime, signal } = fit;
  const total = config.toneCurve;
  const denoiser = new CompiledDenoiser(runtime, model, parameters);
  const { prediction = 'epsilon', ...drawn } = configuredModel(config, model, parameters);
  const labels = someRows(images.count, total).map((row) => images.labels[row] as number);
  const plan = planSampling({ ...drawn, prediction, network: denoiser.network }, { labels, seed: SEED });
  const pixels = pixelsOf(model);
  const levels = new Uint8Array(total * pixels);
  try {
    for await (const { x, step, steps, first, count } of planStates(plan, { signal })) {
      if (step === steps) levels.set(toBytes(x), first * pixels);
      yield { type: 'tone-curve', step: trained, done: Math.floor(first + (count * step) / steps), total };
    }
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) return undefined;
    throw error;
  } finally {
    await denoiser.dispose();
  }
  const size = { channels: model.imageChannels, height: model.imageSize, width: model.imageSize };
  return fitToneCurve({ images: levels, ...size }, realLevels(images));
};

/** Training images in memory: all, or some. */
function realLevels(dataset: TrainingImages): LevelImages {
  const { count, source } = dataset;
  const most = Math.max(1, Math.floor(MOST_BYTES / imageLength(dataset)));
  const rows = most < count ? someRows(count, most) : Array.from({ length: count }, (_, row) => row);
  const { images, channels = 1, height, width } = inMemory(viewOf(dataset, rows, source));
  return { images, channels, height, width };
}

/** Indices below `count` at random: evenly spaced ones would be of one class where the classes take turns. */
export function someRows(count: number, wanted: number): number[] {
  const random = new RandomStream(SEED);
  return Array.from({ length: wanted }, () => random.integer(count));
}
