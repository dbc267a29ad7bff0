import { describe, requireFloat, ShapeError } from '../tensor-type.js';
import type { ShapeRules } from './rule.js';

export const broadcastShapes: ShapeRules<'broadcast'> = {
  broadcast: ([x], { shape, image }) => {
    const fits =
      x.shape.length === 0 ||
      (x.image === image &&
        x.shape.length === shape.length &&
        x.shape.every((dimension, axis) => dimension === 1 || dimension === shape[axis]));
    if (!fits) throw new ShapeError(`broadcast: ${describe(x)} does not fit [${shape.join(',')}]`);
    return { ...requireFloat('broadcast', x), shape, image };
  },
};
