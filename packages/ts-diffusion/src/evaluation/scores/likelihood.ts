import { NULL_LABEL } from '../../diffusion/denoiser.js';
import { asX0 } from '../../diffusion/prediction.js';
import type { DiffusionPipeline } from '../../pipeline/diffusion-pipeline.js';
import { bitsPerDim } from '../bits-per-dim.js';
import type { ProgressHook } from '../progress.js';
import { spreadSubset, type ScoredImages } from '../scored-images.js';
import { identityOf, type Scored } from './scoring.js';

/** Steps of the chain that are evaluated per image: the estimate stays unbiased. */
const TERMS_PER_IMAGE = 20;

/** The variational bound of the model on real images, in bits per dimension; no guidance. @param images how many of them */
export async function scoreLikelihood(
  pipeline: DiffusionPipeline,
  reference: ScoredImages,
  { images, seed, onProgress }: { images: number; seed: number; onProgress: ProgressHook },
): Promise<Scored> {
  const set = spreadSubset(reference, images);
  const termsPerImage = Math.min(TERMS_PER_IMAGE, pipeline.schedule.timesteps);
  const { bits, standardError } = await bitsPerDim(
    asX0(pipeline.network, pipeline.prediction, pipeline.schedule),
    pipeline.schedule,
    {
      shape: [set.count, 1, set.height, set.width],
      bytes: set.images,
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
