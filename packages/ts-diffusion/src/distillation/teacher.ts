import { NULL_LABEL } from '../diffusion/denoiser.js';
import { CompiledDenoiser } from '../pipeline/compiled-denoiser.js';
import { asX0 } from '../diffusion/prediction.js';
import type { Denoiser } from '../diffusion/denoiser.js';
import type { PipelineModel } from '../pipeline/pipeline-model.js';
import type { Runtime } from '../runtime/types.js';
import type { ConditionedImages } from './prediction-program.js';

/** The model that is distilled, guided by a weight of each image. */
export class Teacher {
  readonly #compiled: CompiledDenoiser;
  readonly #denoiser: Denoiser;
  readonly #shape: readonly [channels: number, height: number, width: number];

  constructor(runtime: Runtime, { model, parameters, schedule, prediction = 'epsilon' }: PipelineModel) {
    this.#compiled = new CompiledDenoiser(runtime, model, parameters);
    this.#denoiser = asX0(this.#compiled.network, prediction, schedule);
    this.#shape = [model.imageChannels, model.imageSize, model.imageSize];
  }

  /** x_0 [B, C, H, W] = (1 + ω) · conditional - ω · unconditional prediction, in a new array. */
  async predict({ images, timesteps, labels, guidanceWeights }: ConditionedImages): Promise<Float32Array> {
    const batch = timesteps.length;
    const both = await this.#denoiser(
      { shape: [2 * batch, ...this.#shape], data: twice(images) },
      twice(timesteps),
      Int32Array.from({ length: 2 * batch }, (_, i) => (i < batch ? (labels[i] as number) : NULL_LABEL)),
    );
    const pixels = images.length / batch;
    return Float32Array.from(images, (_, i) => {
      const weight = guidanceWeights[Math.floor(i / pixels)] as number;
      return (1 + weight) * (both[i] as number) - weight * (both[images.length + i] as number);
    });
  }

  /** Frees what it takes on the device. */
  async dispose(): Promise<void> {
    await this.#compiled.dispose();
  }
}

function twice(values: Float32Array): Float32Array {
  const out = new Float32Array(2 * values.length);
  out.set(values);
  out.set(values, values.length);
  return out;
}
