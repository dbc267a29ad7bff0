import type { FoldingOperation } from '../operations.js';
import { describe, imageShape, ShapeError, type TensorType } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

const image = (...shape: [n: number, c: number, h: number, w: number]): TensorType => ({
  shape,
  dtype: 'float32',
  image: true,
});

export const foldingShapes: ShapeRules<FoldingOperation> = {
  depthToSpace: ([x], { factor }) => {
    const [n, c, h, w] = imageShape('depthToSpace', x);
    if (c % factor ** 2 !== 0) {
      throw new ShapeError(`depthToSpace: channels of ${describe(x)} must be a multiple of ${factor ** 2}`);
    }
    return image(n, c / factor ** 2, factor * h, factor * w);
  },
  spaceToDepth: ([x], { factor }) => {
    const [n, c, h, w] = imageShape('spaceToDepth', x);
    if (h % factor !== 0 || w % factor !== 0) {
      throw new ShapeError(`spaceToDepth: height and width of ${describe(x)} must be multiples of ${factor}`);
    }
    return image(n, factor ** 2 * c, h / factor, w / factor);
  },
};
