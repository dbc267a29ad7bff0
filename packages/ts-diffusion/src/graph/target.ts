import type { LoweringTarget } from './emission.js';

/** The devices a graph can be lowered for; the same names as the runtime's devices. */
export type Target = 'cpu' | 'webgpu' | 'wasm';

/**
 * How training and inference graphs are laid out on each device: the faster layout of each (see `ImageLayout`), and what its
 * operators can do.
 */
export function loweringTarget(target: Target, purpose: 'training' | 'inference'): LoweringTarget {
  if (target === 'webgpu')
    return { imageLayout: 'NCHW', maxConcatInputs: 6, hasSign: false, hasAccurateTrigonometry: false };
  return {
    imageLayout: purpose === 'training' ? 'CHWN' : 'NCHW',
    maxConcatInputs: Infinity,
    hasSign: true,
    hasAccurateTrigonometry: true,
  };
}
