import { networkFrom, type Network } from '../diffusion/denoiser.js';
import { largestGuidanceWeightOf, type DenoiserConfig } from '../models/denoiser-network.js';
import { buildDenoiser } from '../models/denoiser-program.js';
import { BatchPrograms } from '../runtime/batch-programs.js';
import { paddedSize, type BatchSizes } from '../runtime/batch-sizes.js';
import type { Runtime } from '../runtime/types.js';

/** A U-Net with its weights, compiled for one device. */
export class CompiledDenoiser {
  readonly #programs: BatchPrograms;
  readonly #sizes: BatchSizes;
  readonly #takesGuidance: boolean;

  /** @param sizes default: none, every batch is run as it is */
  constructor(runtime: Runtime, model: DenoiserConfig, parameters: Float32Array, sizes: BatchSizes = []) {
    this.#sizes = sizes;
    this.#takesGuidance = largestGuidanceWeightOf(model) !== undefined;
    this.#programs = new BatchPrograms(runtime, 'The pipeline', (batch) =>
      buildDenoiser(model, parameters, batch, runtime.device),
    );
  }

  /** The prediction [B, C, H, W] for images x [B, C, H, W] at timesteps [B] with labels [B], by a network that takes the guidance weight with none. */
  readonly network = this.networkAt(0);

  /** As `network`, with a guidance weight ω for a network that takes it; others do not see it. */
  networkAt(guidanceWeight: number): Network {
    return networkFrom(async (x, timesteps, labels) => {
      const [batch, ...image] = x.shape;
      const size = paddedSize(batch, this.#sizes);
      const ofBatch = (data: Float32Array) => ({ dtype: 'float32', shape: [size], data }) as const;
      const outputs = await this.#programs.run(size, {
        x: { dtype: 'float32', shape: [size, ...image], data: padded(x.data, size / batch) },
        t: ofBatch(padded(timesteps, size / batch)),
        label: ofBatch(padded(Float32Array.from(labels), size / batch)),
        ...(this.#takesGuidance && { guidance: ofBatch(new Float32Array(size).fill(guidanceWeight)) }),
      });
      const prediction = outputs['prediction'];
      if (prediction?.dtype !== 'float32') throw new TypeError('the denoiser graph has no float32 output "prediction"');
      return prediction.data.subarray(0, x.data.length);
    });
  }

  /** @throws DisposedError after `dispose` */
  refuseIfDisposed(): void {
    this.#programs.refuseIfDisposed();
  }

  /** Frees every compiled graph. Later predictions are refused. */
  async dispose(): Promise<void> {
    await this.#programs.dispose();
  }
}

/** The values of a batch followed by zeros, `factor` times as many. */
function padded(values: Float32Array, factor: number): Float32Array {
  if (factor === 1) return values;
  const out = new Float32Array(Math.round(values.length * factor));
  out.set(values);
  return out;
}
