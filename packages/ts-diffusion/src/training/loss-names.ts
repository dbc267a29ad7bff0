/**
 * How a difference e between prediction and target counts: |e| (the paper), e² (Ho et al. 2020), or Huber's loss, which is
 * e²/2 up to |e| = δ and goes on as the straight line δ (|e| − δ/2) (Huber 1964; PyTorch's `HuberLoss`).
 */
export const lossNames = ['l1', 'l2', 'huber'] as const;
export type LossName = (typeof lossNames)[number];
