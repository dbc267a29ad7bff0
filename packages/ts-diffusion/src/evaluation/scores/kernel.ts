import { kernelInceptionDistance, LEAST_SUBSETS } from '../kernel-inception-distance.js';
import { featureConditions, type Scored, type Scoring } from './scoring.js';

/** Name of the score in receipts: kernel distance over the same features as the Fréchet distance. */
export const KERNEL_METRIC = 'Kernel distance (KID, CNN features)';
const SUBSETS = 50;
const LARGEST_SUBSET = 1000;

/** The kernel distance over the feature network. It is unbiased: a perfect model scores 0 whatever the number of images. */
export async function scoreKernel(scoring: Scoring): Promise<Scored> {
  const { samples, reference, seed, onProgress } = scoring;
  const subsetSize = Math.min(LARGEST_SUBSET, samples.images.count, reference.images.count);
  const { mean, standardDeviation } = kernelInceptionDistance(await samples.features(), await reference.features(), {
    ...{ subsets: SUBSETS, subsetSize, seed, onProgress },
  });
  return {
    scores: [
      {
        metric: KERNEL_METRIC,
        value: mean,
        ...(standardDeviation === null ? {} : { standardDeviation }),
        better: 'lower',
        conditions: featureConditions(scoring, { subsets: SUBSETS, subsetSize }),
      },
    ],
    warnings:
      standardDeviation === null
        ? [
            `The kernel distance has no error bar: subsets of ${subsetSize} overlap too much in ${samples.images.count} samples and ` +
              `${reference.images.count} reference images; it takes ${LEAST_SUBSETS * subsetSize} of both.`,
          ]
        : [],
  };
}
