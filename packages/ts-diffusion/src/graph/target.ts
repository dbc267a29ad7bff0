/** The devices a graph can be lowered for; the same names as the runtime's devices. */
export type Target = 'cpu' | 'webgpu' | 'wasm';

/**
 * The order of an image batch in memory. `NCHW` suits inference and GPUs. `CHWN` (batch innermost) suits training on a
 * CPU: a filter gradient is then one dilated convolution, and every broadcast over pixels runs along whole batches.
 */
export type ImageLayout = 'NCHW' | 'CHWN';

/** What the lowering has to know of the device. */
export interface LoweringTarget {
  readonly imageLayout: ImageLayout;
  /** Most inputs of one Concat: WebGPU binds each as a storage buffer, and adapters allow about eight. */
  readonly maxConcatInputs: number;
  /** Whether the ONNX operator Sign runs on the device (on WebGPU it would fall back to the CPU). */
  readonly hasSign: boolean;
  /** Whether Sin and Cos are good to float32 for angles of thousands of radians. */
  readonly hasAccurateTrigonometry: boolean;
}

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
