import { abs, input, mean, mul, sub, type Tensor } from '../graph/index.js';
import { denoise, denoiserParameters, type DenoiserConfig } from '../models/denoiser-network.js';
import type { Objective } from './optimizer-step.js';

export type LossName = 'l1' | 'l2';

export interface DenoisingObjectiveOptions {
  readonly model: DenoiserConfig;
  readonly batchSize: number;
  readonly loss: LossName;
}

/** The difference between prediction and target (the noise ε in the paper), averaged over all elements: E‖·‖₁ or E‖·‖₂². */
export function denoisingLoss(name: LossName, prediction: Tensor, target: Tensor): Tensor {
  const difference = sub(prediction, target);
  return mean(name === 'l1' ? abs(difference) : mul(difference, difference));
}

/**
 * Line 6 of Algorithm 1: the loss of the network on inputs `noisyImages`, `target` [B,C,H,W], `timesteps` and `labels` [B].
 */
export function denoisingObjective({ model, batchSize, loss }: DenoisingObjectiveOptions): Objective {
  const images = [batchSize, model.imageChannels, model.imageSize, model.imageSize];
  return {
    layout: denoiserParameters(model),
    loss: (parameters) => {
      const [timesteps, labels] = [input('timesteps', [batchSize]), input('labels', [batchSize])];
      const prediction = denoise(model, parameters, input('noisyImages', images), timesteps, labels);
      return denoisingLoss(loss, prediction, input('target', images));
    },
  };
}
