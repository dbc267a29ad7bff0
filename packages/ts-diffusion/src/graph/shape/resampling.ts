import type { ResamplingOperation } from '../operations.js';
import { describe, imageShape, ShapeError, type TensorType } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

const image = (...shape: [n: number, c: number, h: number, w: number]): TensorType => ({
  shape,
  dtype: 'float32',
  image: true,
});

/** The four extents of an image batch with height and width halved. */
function halved(operation: string, x: TensorType): [n: number, c: number, h: number, w: number] {
  const [n, c, h, w] = imageShape(operation, x);
  if (h % 2 !== 0 || w % 2 !== 0) throw new ShapeError(`${operation}: height and width of ${describe(x)} must be even`);
  return [n, c, h / 2, w / 2];
}

export const resamplingShapes: ShapeRules<ResamplingOperation> = {
  maxPool2x2: ([x]) => image(...halved('maxPool2x2', x)),
  maxPool2x2Gradient: ([x]) => {
    halved('maxPool2x2Gradient', x);
    return { shape: x.shape, dtype: 'float32', image: true };
  },
  sumPool2x2: ([x]) => image(...halved('sumPool2x2', x)),
  upsampleNearest2x: ([x]) => {
    const [n, c, h, w] = imageShape('upsampleNearest2x', x);
    return image(n, c, 2 * h, 2 * w);
  },
};
