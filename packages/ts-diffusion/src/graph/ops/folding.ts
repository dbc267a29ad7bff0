import { apply, type Tensor } from '../tensor.js';

/** Channels (c, row, column) -> pixels: [N, f²C, H, W] -> [N, C, fH, fW], as PyTorch's PixelShuffle(f). */
export const depthToSpace = (x: Tensor, factor = 2): Tensor => apply('depthToSpace', [x], { factor });

/** The inverse of depthToSpace: [N, C, fH, fW] -> [N, f²C, H, W], as PyTorch's PixelUnshuffle(f). */
export const spaceToDepth = (x: Tensor, factor = 2): Tensor => apply('spaceToDepth', [x], { factor });
