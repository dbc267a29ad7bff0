import { createRuntime, DiffusionPipeline, planSampling, type LoadedModel } from 'ts-diffusion';
import { areKnownDigits, inMemory, loadDataset, type Dataset } from 'ts-diffusion/data';
import { fitToneCurve, type ToneCurve } from 'ts-diffusion/diffusion';
import { DataError } from 'ts-diffusion/errors';
import { dataOfModel } from '../evaluating/real-images.js';
import { labelsToDraw } from '../evaluating/samples.js';
import type { DeviceFlags } from '../options/pipeline-options.js';
import { describeSampling } from '../options/sampling-options.js';
import { withPictureProgress } from '../output/picture-progress.js';
import { runWithProgress } from '../output/sample-progress.js';

/** Of the images that a curve is fitted to: other ones than scores are taken of. */
const SEED = 1;

/** What a curve is fitted to. */
export interface ToneCurveFlags extends DeviceFlags {
  readonly run?: string;
  readonly data?: string;
  /** Images to draw. */
  readonly toneCurve: number;
}

/**
 * Draws images by the default sampling of the model and fits the curve by which they get the grey levels of the images that it was trained on.
 *
 * @throws DataError where these cannot be found or are not those that the model was trained on
 */
export async function fitModelToneCurve(
  { model, step, averaged }: LoadedModel,
  flags: ToneCurveFlags,
): Promise<ToneCurve> {
  const real = await trainingImages(flags);
  checkTrainedOn(model.trainedOn, real);
  const pipeline = new DiffusionPipeline(await createRuntime(flags), model, { step, averaged });
  try {
    const plan = planSampling(pipeline, {
      labels: labelsToDraw(pipeline, { count: flags.toneCurve }),
      seed: SEED,
      rawLevels: true,
    });
    console.log(
      `Tone curve of ${flags.toneCurve} images, ${describeSampling(pipeline, plan.sampling)}, to ${real.source}`,
    );
    const { channels = 1, ...images } = real;
    return fitToneCurve(await runWithProgress(plan), { ...images, channels });
  } finally {
    await pipeline.dispose();
  }
}

async function trainingImages(flags: ToneCurveFlags): Promise<Dataset> {
  const { options } = await dataOfModel(flags);
  return await withPictureProgress(async (reports) =>
    inMemory(await loadDataset({ ...reports, ...options, split: 'train' })),
  );
}

/** Digits of MNIST are as good as others: the package has a part of them. */
function checkTrainedOn(trainedOn: string | undefined, { sha256, source }: Dataset): void {
  if (trainedOn === undefined || trainedOn === sha256) return;
  if (areKnownDigits(trainedOn) && areKnownDigits(sha256)) return;
  throw new DataError(`The model was trained on other images than ${source}. Give the ones of its training by --data.`);
}
