import { elementLoss } from './element-loss.js';
import type { LossName } from './loss-names.js';
import { input, mean, mul, reshape, sub, type Tensor } from '../graph/index.js';
import { denoise, denoiserParameters, guidanceInput, type DenoiserConfig } from '../models/denoiser-network.js';
import { countDropped, dropoutByMask, keepAll, type Dropout } from '../nn/dropout.js';
import type { ParameterLayout, ParameterScope } from '../nn/parameters.js';
import type { Objective } from './optimizer-step.js';

export interface DenoisingObjectiveOptions {
  readonly model: DenoiserConfig;
  readonly batchSize: number;
  readonly loss: LossName;
  /** δ of Huber's loss; default 1, PyTorch's. */
  readonly huberDelta?: number;
  /** Whether each image's loss has a factor, fed as the input `weights` [B]. Default: no. */
  readonly weighted?: boolean;
  /** Whether activations are dropped, by factors fed as the input `dropoutMask`. Default: no. */
  readonly hasDropout?: boolean;
}

export interface DenoisingObjective extends Objective {
  /** Length of the input `dropoutMask`; 0: there is no such input. */
  readonly dropoutMaskSize: number;
}

/**
 * Line 6 of Algorithm 1: the loss of the network on inputs `noisyImages`, `target` [B,C,H,W], `timesteps` and `labels` [B],
 * and `guidance` [B] of a network that takes the guidance weight, averaged over all elements: E‖·‖₁ or E‖·‖₂² of the difference between prediction and target (the noise ε in the paper).
 *
 * @throws RangeError if dropout is asked for and the network has none
 */
export function denoisingObjective({
  model,
  batchSize,
  loss,
  huberDelta = 1,
  weighted = false,
  hasDropout = false,
}: DenoisingObjectiveOptions): DenoisingObjective {
  const images = [batchSize, model.imageChannels, model.imageSize, model.imageSize];
  const predict = (parameters: ParameterScope, dropout: Dropout): Tensor => {
    const [timesteps, labels] = [input('timesteps', [batchSize]), input('labels', [batchSize])];
    const guidance = guidanceInput(model, batchSize);
    return denoise(model, parameters, input('noisyImages', images), timesteps, labels, dropout, guidance);
  };
  const layout = denoiserParameters(model);
  const dropoutMaskSize = hasDropout ? countMask(layout, predict) : 0;
  return {
    layout,
    dropoutMaskSize,
    loss: (parameters) => {
      const prediction = predict(parameters, hasDropout ? dropoutByMask(dropoutMaskSize) : keepAll);
      const losses = elementLoss(loss, sub(prediction, input('target', images)), huberDelta);
      return mean(weighted ? mul(losses, reshape(input('weights', [batchSize]), [batchSize, 1, 1, 1])) : losses);
    },
  };
}

function countMask(layout: ParameterLayout, predict: (parameters: ParameterScope, dropout: Dropout) => Tensor): number {
  const { parameters } = layout.viewsOf(input('parameters', [layout.size]));
  const count = countDropped((dropout) => predict(parameters, dropout));
  if (count === 0) throw new RangeError('this network has no dropout');
  return count;
}
