import type { BinaryOperation } from '../operations.js';
import { apply, type Tensor } from '../tensor.js';
import { withoutBroadcast } from './without-broadcast.js';

function combine(op: BinaryOperation, a: Tensor, b: Tensor): Tensor {
  const left = withoutBroadcast(a, b);
  return apply(op, [left, left === a ? withoutBroadcast(b, a) : b], {});
}

export const add = (a: Tensor, b: Tensor): Tensor => combine('add', a, b);
export const sub = (a: Tensor, b: Tensor): Tensor => combine('sub', a, b);
export const mul = (a: Tensor, b: Tensor): Tensor => combine('mul', a, b);
export const div = (a: Tensor, b: Tensor): Tensor => combine('div', a, b);

/** 1 where a > b, else 0, as bool. */
export const greater = (a: Tensor, b: Tensor): Tensor => apply('greater', [a, b], {});
/** 1 where a = b, else 0, as bool. */
export const equal = (a: Tensor, b: Tensor): Tensor => apply('equal', [a, b], {});
/** bool or int64 to float32: false is 0, true is 1. */
export const cast = (x: Tensor): Tensor => apply('cast', [x], {});

export const neg = (x: Tensor): Tensor => apply('neg', [x], {});
export const exp = (x: Tensor): Tensor => apply('exp', [x], {});
export const log = (x: Tensor): Tensor => apply('log', [x], {});
export const sqrt = (x: Tensor): Tensor => apply('sqrt', [x], {});
export const sin = (x: Tensor): Tensor => apply('sin', [x], {});
export const cos = (x: Tensor): Tensor => apply('cos', [x], {});
export const square = (x: Tensor): Tensor => apply('square', [x], {});
export const sigmoid = (x: Tensor): Tensor => apply('sigmoid', [x], {});
/** x · sigmoid(x) (Elfwing et al. 2018; "swish"). */
export const silu = (x: Tensor): Tensor => apply('silu', [x], {});
export const abs = (x: Tensor): Tensor => apply('abs', [x], {});
export const relu = (x: Tensor): Tensor => apply('relu', [x], {});
/** -1, 0 or 1. */
export const sign = (x: Tensor): Tensor => apply('sign', [x], {});
