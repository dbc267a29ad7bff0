import { depthToSpace, spaceToDepth, type Tensor } from '../graph/index.js';

/** Sides of the patches that a network may work on. */
export const patchSizes = [1, 2, 4] as const;

/** Folds each window of `size` × `size` pixels into channels, as PyTorch's PixelUnshuffle: [N, C, H, W] -> [N, size²·C, H/size, W/size]. */
export function toPatches(x: Tensor, size: number): Tensor {
  return size === 1 ? x : spaceToDepth(x, size);
}

/** The inverse of `toPatches`, as PyTorch's PixelShuffle: [N, size²·C, H, W] -> [N, C, size·H, size·W]. */
export function fromPatches(x: Tensor, size: number): Tensor {
  return size === 1 ? x : depthToSpace(x, size);
}
