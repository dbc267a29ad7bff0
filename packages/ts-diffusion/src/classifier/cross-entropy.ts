import { add, exp, log, mean, mul, reduceSum, relu, slice, sub, type Tensor } from '../graph/index.js';

/**
 * The cross-entropy of class scores and target distributions, averaged over the batch: the mean of
 * log Σ_k exp(logits_k) − Σ_k target_k · logits_k, PyTorch's `cross_entropy` with class probabilities.
 *
 * @param logits [B, classes]
 * @param targets [B, classes], each row non-negative with sum 1
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const largest = rowMaximum(logits); // [B, 1]
  const normaliser = add(largest, log(reduceSum(exp(sub(logits, largest)), [1], { keepDimensions: true })));
  return mean(reduceSum(mul(targets, sub(normaliser, logits)), [1]));
}

/** The largest of each row, [B, K] -> [B, 1], by halving: max(a, b) = a + ReLU(b − a). */
function rowMaximum(x: Tensor): Tensor {
  const columns = x.shape[1] ?? 0;
  if (columns === 1) return x;
  const half = Math.ceil(columns / 2);
  const left = slice(x, 1, 0, half);
  const right = slice(x, 1, columns - half, columns);
  return rowMaximum(add(left, relu(sub(right, left))));
}
