import { NULL_LABEL } from '../../diffusion/denoiser.js';
import { asX0 } from '../../diffusion/prediction.js';
import type { DiffusionPipeline } from '../../pipeline/diffusion-pipeline.js';
import { EvaluationError } from '../../utils/errors.js';
import { bitsPerDim } from '../bits-per-dim.js';
import type { ProgressHook } from '../progress.js';
import { planarImages, spreadSubset, type ScoredImages } from '../scored-images.js';
import { identityOf, type Scored } from './scoring.js';

/** Steps of the chain that are evaluated per image: the estimate stays unbiased. */
const TERMS_PER_IMAGE = 20;

/** @throws EvaluationError for real images of another size, or in other channels, than the model draws */
export function checkLikelihood({ model }: DiffusionPipeline, { colours, height, width, source }: ScoredImages): void {
  const { imageSize, imageChannels } = model;
  const channels = colours === undefined ? 1 : 3;
  if (imageSize === height && imageSize === width && imageChannels === channels) return;
  throw new EvaluationError(
    `Bits per dimension are of real images as the model draws them, ${imageSize}x${imageSize} pixels in ${inChannels(imageChannels)}; ` +
      `${source} holds images of ${width}x${height} in ${inChannels(channels)}. Give others as the reference, or leave bits per dimension out.`,
  );
}

const inChannels = (count: number): string => `${count} channel${count === 1 ? '' : 's'}`;

/**
 * The variational bound of the model on real images, in bits per dimension; no guidance.
 *
 * @param images how many of them
 * @throws EvaluationError as `checkLikelihood`
 */
export async function scoreLikelihood(
  pipeline: DiffusionPipeline,
  reference: ScoredImages,
  { images, seed, onProgress }: { images: number; seed: number; onProgress: ProgressHook },
): Promise<Scored> {
  checkLikelihood(pipeline, reference);
  const set = spreadSubset(reference, images);
  const shown = planarImages(set);
  const termsPerImage = Math.min(TERMS_PER_IMAGE, pipeline.schedule.timesteps);
  const { bits, standardError } = await bitsPerDim(
    asX0(pipeline.network, pipeline.prediction, pipeline.schedule),
    pipeline.schedule,
    {
      shape: [shown.count, shown.channels, shown.height, shown.width],
      bytes: shown.images,
      labels: set.labels ?? new Int32Array(set.count).fill(NULL_LABEL),
    },
    { seed, termsPerImage, onProgress },
  );
  return {
    scores: [
      {
        metric: 'Bits per dimension (variational bound)',
        value: bits,
        ...(standardError === null ? {} : { standardDeviation: standardError }),
        better: 'lower',
        conditions: {
          network: null,
          samples: set.count,
          reference: identityOf(set),
          valueRange: '0..255',
          resize: 'none',
          settings: { termsPerImage, timesteps: pipeline.schedule.timesteps, variance: 'posterior', clipX0: 'true' },
        },
      },
    ],
    warnings: [],
  };
}
