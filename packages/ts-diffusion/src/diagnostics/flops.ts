import { input, sizeOf, topologicalOrder, type Tensor } from '../graph/index.js';
import { denoise, denoiserParameters, guidanceInput, type DenoiserConfig } from '../models/denoiser-network.js';
import { keepAll } from '../nn/dropout.js';
import { lossAndGradient } from '../training/optimizer-step.js';
import { denoisingObjective } from '../training/denoising-objective.js';
import { network } from '../utils/argument-shapes.js';
import { positiveCount, signature } from '../utils/arguments.js';

/** Multiply-adds of the operations that multiply matrices; a filter is [O, K, K, I]. Everything else is not counted. */
function multiplyAdds(node: Tensor): number {
  switch (node.op) {
    case 'matmul': {
      const inner = node.inputs[0].shape.at(node.attributes.transposeA ? -2 : -1) ?? 0;
      return sizeOf(node.shape) * inner;
    }
    case 'conv2d':
      return outputPixels(node) * sizeOf(node.inputs[1].shape);
    case 'conv2dInputGradient':
      return outputPixels(node.inputs[0]) * sizeOf(node.inputs[1].shape);
    case 'conv2dFilterGradient':
      return outputPixels(node.inputs[1]) * sizeOf(node.shape);
    default:
      return 0;
  }
}

/** Images times pixels of [N, C, H, W]. */
function outputPixels({ shape: [n = 0, , h = 0, w = 0] }: Tensor): number {
  return n * h * w;
}

/** Floating-point operations of the graph that computes `outputs`; a multiply-add counts as two. */
function flops(outputs: readonly Tensor[]): number {
  return topologicalOrder(outputs).reduce((sum, node) => sum + 2 * multiplyAdds(node), 0);
}

/** Work of a network per image, in floating-point operations; a multiply-add counts as two. */
export interface FlopsPerImage {
  /** One evaluation. */
  readonly forward: number;
  /** An image's share of a training step: forward, backward, and the update of the weights. */
  readonly training: number;
}

const flopsPerImageArguments = signature('flopsPerImage', { model: network, batchSize: positiveCount });

/**
 * Floating-point operations of a network, counted in its graph: those of convolutions and matrix products, which are nearly all.
 *
 * @param batchSize images of a training step
 * @throws RangeError for a configuration that cannot be built
 */
export function flopsPerImage(model: DenoiserConfig, batchSize: number): FlopsPerImage {
  flopsPerImageArguments({ model, batchSize });
  const layout = denoiserParameters(model);
  const flat = input('parameters', [layout.size]);
  const x = input('x', [1, model.imageChannels, model.imageSize, model.imageSize]);
  const prediction = denoise(
    model,
    layout.viewsOf(flat).parameters,
    x,
    input('t', [1]),
    input('label', [1]),
    keepAll,
    guidanceInput(model, 1),
  );
  const { gradient } = lossAndGradient(denoisingObjective({ model, batchSize, loss: 'l2' }), flat);
  return { forward: flops([prediction]), training: flops([gradient]) / batchSize };
}
