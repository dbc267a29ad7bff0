import { abs, mul, relu, scalar, square, sub, type Tensor } from '../graph/index.js';
import type { LossName } from './loss-names.js';

/**
 * The loss of every element.
 *
 * @param huberDelta δ; the other losses ignore it
 */
export function elementLoss(name: LossName, difference: Tensor, huberDelta: number): Tensor {
  switch (name) {
    case 'l1':
      return abs(difference);
    case 'l2':
      return square(difference);
    case 'huber': {
      const magnitude = abs(difference);
      const clipped = sub(magnitude, relu(sub(magnitude, scalar(huberDelta)))); // min(|e|, δ)
      return mul(clipped, sub(magnitude, mul(clipped, scalar(0.5))));
    }
  }
}
