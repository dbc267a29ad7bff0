import { NULL_LABEL } from '../diffusion/denoiser.js';
import { CompiledDenoiser } from '../pipeline/compiled-denoiser.js';
import { asX0 } from '../diffusion/prediction.js';
import type { Denoiser } from '../diffusion/denoiser.js';
import { guide } from '../diffusion/guidance.js';
import { twoPredictions } from '../diffusion/two-predictions.js';
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
    const [batch, pixels] = [timesteps.length, images.length / timesteps.length];
    const x = { shape: [batch, ...this.#shape], data: images } as const;
    const nullLabels = new Int32Array(batch).fill(NULL_LABEL);
    const [conditional, unconditional] = await twoPredictions(this.#denoiser, x, timesteps, labels, nullLabels);
    const guided = new Float32Array(images.length);
    for (const [image, weight] of guidanceWeights.entries()) {
      const ofImage = (values: Float32Array): Float32Array => values.subarray(image * pixels, (image + 1) * pixels);
      guide(ofImage(conditional), ofImage(unconditional), weight, ofImage(guided));
    }
    return guided;
  }

  /** Frees what it takes on the device. */
  async dispose(): Promise<void> {
    await this.#compiled.dispose();
  }
}
