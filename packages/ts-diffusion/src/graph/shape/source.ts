import { sizeOf } from '../../utils/shape.js';
import type { SourceOperation } from '../operations.js';
import { ShapeError } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

export const sourceShapes: ShapeRules<SourceOperation> = {
  input: (_inputs, { dtype, shape }) => ({ shape, dtype, image: false }),
  constant: (_inputs, { data, shape }) => {
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(`constant: ${data.length} numbers do not fill the shape [${shape.join(',')}]`);
    }
    return { shape, dtype: 'float32', image: false };
  },
};
