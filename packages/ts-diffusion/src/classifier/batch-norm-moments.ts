import { lower, loweringTarget, reshape, toArray, type Tensor } from '../graph/index.js';
import type { ChannelMoments } from './batch-norm-folding.js';
import { imagesInput, trainedParameters, type ClassifierNetwork } from './classifier-network.js';
import type { Runtime } from '../runtime/types.js';

/**
 * What each batch normalisation of a trained network sees over many batches: the mean, and the variance about it, of every
 * channel. Measured once with the final weights (as "precise BN", Wu & Johnson 2021), instead of averaged over a training
 * in which the weights moved.
 *
 * @param weights flat vector in the order of `trainedParameters`
 * @param batches images [batchSize, C, H, W] in [-1, 1] each
 * @returns by the name of the convolution; empty for a network without batch normalisation
 */
export async function measureMoments(
  runtime: Runtime,
  network: ClassifierNetwork,
  weights: Float32Array,
  batchSize: number,
  batches: readonly Float32Array[],
): Promise<Map<string, ChannelMoments>> {
  const totals = new Map<string, { sum: Float64Array; sumOfSquares: Float64Array }>();
  if (network.buildNormalized === undefined) return new Map();
  const constants = trainedParameters(network).constantsOf(weights);
  const { moments } = network.buildNormalized(constants, imagesInput(network, batchSize));
  const outputs: Record<string, Tensor> = {};
  for (const [name, { mean, variance }] of moments) {
    const channels = mean.shape[1] ?? 0;
    totals.set(name, { sum: new Float64Array(channels), sumOfSquares: new Float64Array(channels) });
    outputs[`${name}.mean`] = reshape(toArray(mean), [channels]);
    outputs[`${name}.variance`] = reshape(toArray(variance), [channels]);
  }
  const target = loweringTarget(runtime.device, 'training');
  const program = await runtime.compile({ model: lower(outputs, { name: 'moments', target }) });
  try {
    const shape = [batchSize, network.imageChannels ?? 1, network.imageSize, network.imageSize];
    for (const data of batches) {
      const measured = await program.run({ images: { dtype: 'float32', shape, data } });
      for (const [name, { sum, sumOfSquares }] of totals) {
        const variance = measured[`${name}.variance`]?.data ?? [];
        measured[`${name}.mean`]?.data.forEach((value, channel) => {
          const mean = Number(value);
          sum[channel] = (sum[channel] as number) + mean;
          sumOfSquares[channel] = (sumOfSquares[channel] as number) + Number(variance[channel]) + mean * mean;
        });
      }
    }
  } finally {
    await program.dispose();
  }
  return new Map(
    Array.from(totals, ([name, { sum, sumOfSquares }]) => {
      const mean = sum.map((total) => total / batches.length);
      const variance = sumOfSquares.map((total, channel) => total / batches.length - (mean[channel] as number) ** 2);
      return [name, { mean, variance }];
    }),
  );
}
