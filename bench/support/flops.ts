import { input, sizeOf, topologicalOrder, type Tensor } from '../../packages/ts-diffusion/src/graph/index.js';
import {
  denoise,
  denoiserParameters,
  type DenoiserConfig,
} from '../../packages/ts-diffusion/src/models/denoiser-network.js';
import { lossAndGradient } from '../../packages/ts-diffusion/src/training/optimizer-step.js';
import { denoisingObjective } from '../../packages/ts-diffusion/src/training/denoising-objective.js';

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

/** Floating-point operations of one image's forward pass, and of its share of a training step of `batchSize` images. */
export function flopsPerImage(model: DenoiserConfig, batchSize: number): { forward: number; training: number } {
  const layout = denoiserParameters(model);
  const flat = input('parameters', [layout.size]);
  const x = input('x', [1, model.imageChannels, model.imageSize, model.imageSize]);
  const prediction = denoise(model, layout.viewsOf(flat).parameters, x, input('t', [1]), input('label', [1]));
  const { gradient } = lossAndGradient(denoisingObjective({ model, batchSize, loss: 'l2' }), flat);
  return { forward: flops([prediction]), training: flops([gradient]) / batchSize };
}
