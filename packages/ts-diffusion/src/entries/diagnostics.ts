export { maximumDifference, predictTinyImages, trainTinySteps } from '../diagnostics/self-test.js';
export { measureMatrixProduct } from '../diagnostics/matrix-product.js';
