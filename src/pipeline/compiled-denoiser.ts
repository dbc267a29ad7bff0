import type { Denoiser } from '../diffusion/denoiser.js';
import { buildDenoiser } from '../models/denoiser-program.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import type { Program, Runtime } from '../runtime/types.js';

/**
 * The network as a `Denoiser` on one device. A graph is compiled for each batch size when it is first asked for, because
 * a fixed batch with the weights as constants is what ONNX Runtime runs fastest, and is kept until `dispose`.
 */
export class CompiledDenoiser {
  readonly #runtime: Runtime;
  readonly #model: DenoiserConfig;
  readonly #parameters: Float32Array;
  readonly #programs = new Map<number, Promise<Program>>();

  constructor(runtime: Runtime, model: DenoiserConfig, parameters: Float32Array) {
    this.#runtime = runtime;
    this.#model = model;
    this.#parameters = parameters;
  }

  /** The prediction [B, C, H, W] for images x [B, C, H, W] at timesteps [B] with labels [B]. */
  readonly predict: Denoiser = async (x, timesteps, labels) => {
    const [batch] = x.shape;
    const program = await this.#program(batch);
    const outputs = await program.run({
      x: { dtype: 'float32', shape: x.shape, data: x.data },
      t: { dtype: 'float32', shape: [batch], data: timesteps },
      label: { dtype: 'float32', shape: [batch], data: Float32Array.from(labels) },
    });
    const prediction = outputs['prediction'];
    if (prediction?.dtype !== 'float32') throw new TypeError('the denoiser graph has no float32 output "prediction"');
    return prediction.data;
  };

  #program(batch: number): Promise<Program> {
    let program = this.#programs.get(batch);
    if (program === undefined) {
      const source = buildDenoiser(this.#model, this.#parameters, batch, this.#runtime.device);
      program = this.#runtime.compile(source);
      this.#programs.set(batch, program);
      // A failure is told to whoever asked for the prediction; it must not stay behind for the next one or for dispose.
      program.catch(() => this.#programs.delete(batch));
    }
    return program;
  }

  /** Frees every compiled graph. A later prediction compiles anew. */
  async dispose(): Promise<void> {
    const programs = [...this.#programs.values()];
    this.#programs.clear();
    await Promise.all(programs.map(async (program) => (await program).dispose()));
  }
}
