import { networkFrom } from '../diffusion/denoiser.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import { buildDenoiser } from '../models/denoiser-program.js';
import { BatchPrograms } from '../runtime/batch-programs.js';
import type { Runtime } from '../runtime/types.js';

/** A U-Net with its weights, compiled for one device. */
export class CompiledDenoiser {
  readonly #programs: BatchPrograms;

  constructor(runtime: Runtime, model: DenoiserConfig, parameters: Float32Array) {
    this.#programs = new BatchPrograms(runtime, (batch) => buildDenoiser(model, parameters, batch, runtime.device));
  }

  /** The prediction [B, C, H, W] for images x [B, C, H, W] at timesteps [B] with labels [B]. */
  readonly network = networkFrom(async (x, timesteps, labels) => {
    const [batch] = x.shape;
    const program = await this.#programs.of(batch);
    const outputs = await program.run({
      x: { dtype: 'float32', shape: x.shape, data: x.data },
      t: { dtype: 'float32', shape: [batch], data: timesteps },
      label: { dtype: 'float32', shape: [batch], data: Float32Array.from(labels) },
    });
    const prediction = outputs['prediction'];
    if (prediction?.dtype !== 'float32') throw new TypeError('the denoiser graph has no float32 output "prediction"');
    return prediction.data;
  });

  /** Frees every compiled graph. A later prediction compiles anew. */
  async dispose(): Promise<void> {
    await this.#programs.dispose();
  }
}
