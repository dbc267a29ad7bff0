import { openTraining } from '#platform/training.js';
import type { DenoiserConfig } from '../../models/denoiser-network.js';
import { configuredModel } from '../../pipeline/checkpoint-model.js';
import { DiffusionPipeline } from '../../pipeline/diffusion-pipeline.js';
import { train as trainingEvents } from '../../pipeline/train.js';
import type { SampleOptions } from '../../pipeline/sample-options.js';
import type { Runtime } from '../../runtime/types.js';
import { encodeCheckpoint, type Checkpoint } from '../../training/checkpoint-format.js';
import type { MetricsLine, WatchedLine } from '../../training/metrics-window.js';
import type { RunStore } from '../../training/run-store.js';
import type { TrainingEvent } from '../../training/training-run.js';
import type { OpenedTraining } from '../opened-training.js';
import type { WorkerTrainingEvent } from '../training-event.js';
import { runtimeFor } from './runtimes.js';
import type { Task } from './task.js';
import { transferables } from './transferables.js';

/** Trains by `train`, and waits with each step until the caller has dealt with the event before. */
export const train: Task<'train'> = async (input, { report, signal, wanted }) => {
  const opened = await openTraining(input, signal);
  try {
    const { config } = opened;
    const { runtime, note } = await runtimeFor(input.device, config.model, 'training');
    const run = new Watched(opened, runtime, input.samples, note);
    for await (const event of trainingEvents({ ...opened, runtime, store: run.store, signal })) {
      for await (const told of run.tellingsOf(event)) {
        report(told, transferables(told));
        // Leaving the loop ends the training.
        if (!(await wanted())) return null;
      }
    }
  } finally {
    opened.close();
  }
  return null;
};

/** A run whose metrics and checkpoints become events. */
class Watched {
  readonly store: RunStore;
  readonly #lines: (MetricsLine | WatchedLine)[] = [];
  #checkpoint: Checkpoint | undefined;
  #sampledStep: number | undefined;

  constructor(
    readonly opened: OpenedTraining,
    readonly runtime: Runtime,
    readonly samples: SampleOptions | undefined,
    readonly note: string | undefined,
  ) {
    const { folder } = opened;
    this.#checkpoint = opened.resume;
    this.store = {
      path: folder?.path ?? 'the memory of the caller',
      best: folder?.best,
      hasCheckpoint: folder?.hasCheckpoint ?? opened.resume !== undefined,
      openMetrics: (step, choice) => {
        const metrics = folder?.openMetrics(step, choice);
        return {
          get watchedStep() {
            return metrics?.watchedStep;
          },
          append: (line) => {
            metrics?.append(line);
            this.#lines.push(line);
          },
          flush: () => metrics?.flush(),
          close: () => metrics?.close(),
        };
      },
      writeCheckpoint: async (checkpoint) => {
        await folder?.writeCheckpoint(checkpoint);
        this.#checkpoint = checkpoint;
      },
    };
  }

  /** What to tell of an event: the metrics that came before it, it, and the images drawn after it. */
  async *tellingsOf(event: TrainingEvent): AsyncGenerator<WorkerTrainingEvent, void, void> {
    const { config, dataset, folder } = this.opened;
    for (const line of this.#lines.splice(0)) yield { type: 'metrics', line };
    switch (event.type) {
      case 'started': {
        const { threads } = this.runtime;
        const more = { steps: config.steps, images: dataset.count, threads };
        yield { ...event, ...more, ...(this.note !== undefined && { note: this.note }) };
        break;
      }
      case 'checkpoint': {
        const { step } = event;
        const checkpoint = this.#checkpoint as Checkpoint;
        yield { type: 'checkpoint', step, ...(folder === undefined && { checkpoint: encodeCheckpoint(checkpoint) }) };
        yield* this.#samples(step, checkpoint.model, checkpoint.state.ema);
        break;
      }
      case 'samples-due':
        yield* this.#samples(event.step, event.model, event.ema);
        break;
      default:
        yield event;
    }
  }

  /** Once for each step. */
  async *#samples(
    step: number,
    model: DenoiserConfig,
    ema: Float32Array,
  ): AsyncGenerator<WorkerTrainingEvent, void, void> {
    if (this.samples === undefined || this.#sampledStep === step) return;
    this.#sampledStep = step;
    const { config } = this.opened;
    const pipeline = new DiffusionPipeline(this.runtime, configuredModel(config, model, ema));
    try {
      const { images } = await pipeline.generate({ seed: config.seed, ...this.samples });
      yield { type: 'samples', step, images };
    } finally {
      await pipeline.dispose();
    }
  }
}
