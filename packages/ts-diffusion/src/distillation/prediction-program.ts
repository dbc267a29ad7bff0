import { input, lower, loweringTarget } from '../graph/index.js';
import { denoise, denoiserParameters, guidanceInput, type DenoiserConfig } from '../models/denoiser-network.js';
import { keepAll } from '../nn/dropout.js';
import { floatFeed } from '../runtime/float-feed.js';
import type { Program, Runtime } from '../runtime/types.js';

/** Images in training and what the network is told of them. */
export interface ConditionedImages {
  /** x_t [B, C, H, W]. */
  readonly images: Float32Array;
  /** [B], in 1..T. */
  readonly timesteps: Float32Array;
  /** [B]. */
  readonly labels: Int32Array;
  /** ω of each image [B]. */
  readonly guidanceWeights: Float32Array;
}

/** A network whose weights are fed with each batch, as those of a network in training have to be. */
export class PredictionProgram {
  private constructor(
    private readonly program: Program,
    private readonly model: DenoiserConfig,
    private readonly batchSize: number,
  ) {}

  static async create(runtime: Runtime, model: DenoiserConfig, batchSize: number): Promise<PredictionProgram> {
    const layout = denoiserParameters(model);
    const { parameters } = layout.viewsOf(input('parameters', [layout.size]));
    const x = input('x', [batchSize, model.imageChannels, model.imageSize, model.imageSize]);
    const [timesteps, labels] = [input('t', [batchSize]), input('label', [batchSize])];
    const guidance = guidanceInput(model, batchSize);
    const prediction = denoise(model, parameters, x, timesteps, labels, keepAll, guidance);
    const target = loweringTarget(runtime.device, 'training');
    const graph = lower({ prediction }, { name: 'prediction', target });
    return new PredictionProgram(await runtime.compile({ model: graph }), model, batchSize);
  }

  /** The prediction [B, C, H, W], in a new array. */
  async predict(parameters: Float32Array, batch: ConditionedImages): Promise<Float32Array> {
    const { batchSize, model } = this;
    const { prediction } = await this.program.run({
      parameters: floatFeed([parameters.length], parameters),
      x: floatFeed([batchSize, model.imageChannels, model.imageSize, model.imageSize], batch.images),
      t: floatFeed([batchSize], batch.timesteps),
      label: floatFeed([batchSize], Float32Array.from(batch.labels)),
      guidance: floatFeed([batchSize], batch.guidanceWeights),
    });
    return prediction?.data as Float32Array;
  }

  /** Frees what it takes on the device. */
  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}
