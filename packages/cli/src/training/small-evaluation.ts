import { configuredModel, DiffusionPipeline, planSampling, type Runtime } from 'ts-diffusion';
import { createDataset, imageAt, imageLength, type Dataset, type TrainingImages } from 'ts-diffusion/data';
import { RandomStream } from 'ts-diffusion/diffusion';
import { FRECHET_METRIC, ImageScorer, imagesOfDataset, scoredPlanes } from 'ts-diffusion/evaluation';
import { learntClasses, pictureOptions, type DividedImages, type Evaluate, type TrainConfig } from 'ts-diffusion/train';
import { checkDigits, checkLikeDigits } from '../input/check-digits.js';
import { networksOf } from '../input/splits.js';
import { dataSchema } from '../options/data-options.js';
import { loadNetworks } from '../options/evaluation-options.js';
import { flagArguments } from '../options/schema-flags.js';
import { runWithProgress } from '../output/sample-progress.js';

/** More real images make the scores no better than the few samples allow. */
const MOST_REAL = 5000;
/** The same for every model, whatever its default sampling. */
const SAMPLER = { sampler: 'dpm-solver++', steps: 25, spacing: 'even' } as const;
const SCORING = { neighbours: 5, bootstrap: 10, nearCopies: 0, seed: 0 };

/**
 * What scores the weights of a training now and then: images of all classes in turn, always from the same noise, against validation
 * images, or training images where there are none. Test images are left for the final scores.
 *
 * @param dataset all of the images, validation images that were held out of them included
 * @throws EvaluationError where there are no networks for these images, or too few images
 */
export async function createEvaluation(
  config: TrainConfig,
  dataset: TrainingImages,
  { training, validation }: DividedImages,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Evaluate> {
  const { networks, cache } = await loadNetworks({}, runtime, await networksFor(config, dataset));
  const real = someImages(training, MOST_REAL, config.seed);
  const [reference, others] = validation
    ? [imagesOfDataset(someImages(validation, MOST_REAL, config.seed)), imagesOfDataset(real)]
    : [imagesOfDataset(real), null];
  const command = ['diffusion train-evaluator', ...flagArguments(dataSchema, config)].join(' ');
  const ofPackage = networks.trainedOn === undefined;
  if (ofPackage) checkLikeDigits(networks, reference, command);
  const scorer = new ImageScorer(networks, reference, others, cache);
  if (ofPackage) await checkDigits(scorer, command);
  scorer.checkSettings(config.evaluateSamples, SCORING);

  return async ({ step, model, ema }) => {
    const classes = learntClasses(model, training);
    const labels = Array.from(
      { length: config.evaluateSamples },
      (_, i) => classes.seenClasses[i % classes.seenClasses.length] as number,
    );
    const pipeline = new DiffusionPipeline(runtime, { ...configuredModel(config, model, ema), ...classes });
    try {
      const samplingSteps = Math.min(SAMPLER.steps, config.timesteps);
      const { sampler, spacing } = SAMPLER;
      const plan = planSampling(pipeline, { sampler, samplingSteps, spacing, seed: config.seed, labels });
      const drawn = await runWithProgress(plan, { signal });
      const images = scoredPlanes(drawn.images, drawn, drawn.labels, `samples of step ${step}`);
      const { scores } = await scorer.score(images, SCORING);
      const values = Object.fromEntries(scores.map(({ metric, value }) => [metric, value]));
      const value = values[FRECHET_METRIC] as number;
      return { scores: values, selection: { metric: FRECHET_METRIC, value, samples: labels.length } };
    } catch (error) {
      if (signal.aborted && error === signal.reason) return undefined;
      throw error;
    } finally {
      await pipeline.dispose();
    }
  };
}

/** The hash by which `diffusion train-evaluator` keeps networks for a data set. */
function networksFor(config: TrainConfig, dataset: TrainingImages): Promise<string> {
  const { data: directory, offline, seed } = config;
  const options = { directory, offline, pictures: pictureOptions(config) };
  return networksOf(options, dataset, () => someImages(dataset, dataset.count, seed));
}

/** So many of the images, drawn by the seed, in memory. */
function someImages(images: TrainingImages, most: number, seed: number): Dataset {
  const { height, width, channels = 1, count, labels, source, classes, classNames } = images;
  const rows = new RandomStream(seed).permutation(count).subarray(0, most).sort();
  const length = imageLength(images);
  const buffer = new Uint8Array(length);
  const data = new Uint8Array(rows.length * length);
  rows.forEach((row, i) => {
    data.set(imageAt(images, row, buffer), i * length);
  });
  return createDataset(
    { shape: [rows.length, channels, height, width], data },
    { shape: [rows.length], data: Uint8Array.from(rows, (row) => labels[row] as number) },
    source,
    classes,
    classNames,
  );
}
