import type { TrainConfig } from './config.js';
import { imageLength, type TrainingImages } from '../data/dataset.js';
import { createNoiseSchedule, type NoiseSchedule } from '../diffusion/noise-schedule.js';
import { input, lower, loweringTarget } from '../graph/index.js';
import type { DenoiserConfig } from '../models/denoiser-network.js';
import { floatFeed } from '../runtime/float-feed.js';
import type { Program, Runtime } from '../runtime/types.js';
import { Purpose, RandomStream } from '../utils/random.js';
import { denoisingObjective } from './denoising-objective.js';
import { createBatchBuffers, noisyBatch, type BatchBuffers } from './training-batch.js';

/** More images would cost more than they tell. */
const MOST_IMAGES = 1000;
/** The same for every run, so that the noise of an image does not depend on how many are trained on at a time. */
const BATCH = 32;

/**
 * The loss of weights on images that were not trained on: the objective of training, dropped labels included, without dropout and
 * flips. Images, timesteps and noise are functions of the seed and the same each time, so that losses differ by the weights alone.
 */
export class ValidationLoss {
  readonly #rows: Uint32Array;
  readonly #schedule: NoiseSchedule;
  readonly #buffers: BatchBuffers;

  private constructor(
    private readonly program: Program,
    private readonly config: TrainConfig,
    private readonly images: TrainingImages,
  ) {
    const { count } = images;
    const { seed } = config;
    const order = new RandomStream(seed, Purpose.validation).permutation(count);
    this.#rows = count <= MOST_IMAGES ? order : order.subarray(0, MOST_IMAGES);
    this.#schedule = createNoiseSchedule(config.schedule, config.timesteps, config);
    this.#buffers = createBatchBuffers(BATCH, imageLength(images));
  }

  /** Compiles the loss of a network for a device. */
  static async create(
    runtime: Runtime,
    config: TrainConfig,
    model: DenoiserConfig,
    images: TrainingImages,
  ): Promise<ValidationLoss> {
    const { loss, huberDelta } = config;
    const objective = denoisingObjective({ model, batchSize: BATCH, loss, huberDelta, weighted: true });
    const { parameters } = objective.layout.viewsOf(input('parameters', [objective.layout.size]));
    const target = loweringTarget(runtime.device, 'training');
    const program = await runtime.compile({
      model: lower({ loss: objective.loss(parameters) }, { name: 'validation_loss', target }),
    });
    return new ValidationLoss(program, config, images);
  }

  /** The mean loss of flat weights over the images. */
  async of(parameters: Float32Array): Promise<number> {
    const { images, config } = this;
    const channels = images.channels ?? 1;
    const shape = [BATCH, channels, images.height, images.width];
    let sum = 0;
    for (let first = 0; first < this.#rows.length; first += BATCH) {
      const present = Math.min(BATCH, this.#rows.length - first);
      // The last batch is filled up with images that do not count.
      const indices = Uint32Array.from({ length: BATCH }, (_, i) => this.#rows[first + (i % present)] as number);
      const random = new RandomStream(config.seed, Purpose.validation, first / BATCH);
      const batch = noisyBatch(images, indices, this.#schedule, config, { random }, this.#buffers);
      const weights = Float32Array.from(indices, (_, i) => (i < present ? (batch.weights?.[i] ?? 1) : 0));
      const { loss } = await this.program.run({
        parameters: floatFeed([parameters.length], parameters),
        noisyImages: floatFeed(shape, batch.noisyImages),
        target: floatFeed(shape, batch.target),
        timesteps: floatFeed([BATCH], batch.timesteps),
        labels: floatFeed([BATCH], Float32Array.from(batch.labels)),
        weights: floatFeed([BATCH], weights),
      });
      sum += BATCH * Number(loss?.data[0]);
    }
    return sum / this.#rows.length;
  }

  /** Frees what it takes on the device. */
  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}
