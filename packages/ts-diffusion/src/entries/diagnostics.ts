/**
 * Checks whether a device computes correctly, and measures how fast it is.
 *
 * @module ts-diffusion/diagnostics
 */
export { maximumDifference, trainTinySteps } from '../diagnostics/self-test.js';
export { type MatrixProductSpeed, measureMatrixProduct } from '../diagnostics/matrix-product.js';
