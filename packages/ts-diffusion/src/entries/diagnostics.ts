/**
 * Checks whether a device computes correctly, measures how fast it is, and counts the work of a network.
 *
 * @module ts-diffusion/diagnostics
 */
export { type FlopsPerImage, flopsPerImage } from '../diagnostics/flops.js';
export { type LayerKind, type NetworkLayer, networkLayers } from '../diagnostics/network-layers.js';
export { maximumDifference, trainTinySteps } from '../diagnostics/self-test.js';
export { type MatrixProductSpeed, measureMatrixProduct } from '../diagnostics/matrix-product.js';
