import { openTraining } from '#platform/training.js';
import { createNoiseSchedule } from '../../diffusion/noise-schedule.js';
import type { DenoiserConfig } from '../../models/denoiser-network.js';
import { DiffusionPipeline } from '../../pipeline/diffusion-pipeline.js';
import type { SampleOptions } from '../../pipeline/sample-options.js';
import type { Runtime } from '../../runtime/types.js';
import { encodeCheckpoint, type Checkpoint } from '../../training/checkpoint-format.js';
import type { TrainConfig } from '../../training/config.js';
import type { MetricsLine } from '../../training/metrics-window.js';
import type { RunStore } from '../../training/run-store.js';
import { train as trainingEvents, type TrainingEvent } from '../../training/trainer.js';
import type { OpenedTraining } from '../opened-training.js';
import type { WorkerTrainingEvent } from '../training-event.js';
import { runtimeFor } from './runtimes.js';
import type { Task } from './task.js';

/** Trains by `train`, and waits with each step until the caller has dealt with the event before. */
export const train: Task<'train'> = async (input, { report, signal, wanted }) => {
  const opened = await openTraining(input, signal);
  try {
    const { config } = opened;
    const { runtime, note } = await runtimeFor(input.device, config.model, 'training');
    const run = new Watched(opened, runtime, input.samples, note);
    for await (const event of trainingEvents({ ...opened, runtime, folder: run.store, signal })) {
      for (const told of await run.tellingOf(event, signal)) {
        report(told, 'checkpoint' in told ? [told.checkpoint?.buffer as ArrayBuffer] : []);
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
  readonly #lines: MetricsLine[] = [];
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
      hasCheckpoint: folder?.hasCheckpoint ?? opened.resume !== undefined,
      openMetrics: (step) => {
        const metrics = folder?.openMetrics(step);
        return {
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
  async tellingOf(event: TrainingEvent, signal: AbortSignal): Promise<WorkerTrainingEvent[]> {
    const { config, dataset, folder } = this.opened;
    const lines = this.#lines.splice(0).map((line) => ({ type: 'metrics', line }) as const);
    switch (event.type) {
      case 'started': {
        const { threads } = this.runtime;
        const more = { steps: config.steps, images: dataset.count, threads };
        return [...lines, { ...event, ...more, ...(this.note !== undefined && { note: this.note }) }];
      }
      case 'checkpoint': {
        const { step } = event;
        const checkpoint = this.#checkpoint as Checkpoint;
        const file = folder === undefined ? { checkpoint: encodeCheckpoint(checkpoint) } : {};
        return [
          ...lines,
          { type: 'checkpoint', step, ...file },
          ...(await this.#drawn(step, checkpoint.model, checkpoint.state.ema, signal)),
        ];
      }
      case 'samples-due':
        return [...lines, ...(await this.#drawn(event.step, event.model, event.ema, signal))];
      default:
        return [...lines, event];
    }
  }

  /** Once for each step. */
  async #drawn(
    step: number,
    model: DenoiserConfig,
    ema: Float32Array,
    signal: AbortSignal,
  ): Promise<WorkerTrainingEvent[]> {
    if (this.samples === undefined || this.#sampledStep === step) return [];
    this.#sampledStep = step;
    const pipeline = new DiffusionPipeline(this.runtime, averagedModel(this.opened.config, model, ema));
    try {
      const { images } = await pipeline.generate(this.samples);
      return [{ type: 'samples', step, images }];
    } finally {
      await pipeline.dispose();
    }
  }
}

function averagedModel(config: TrainConfig, model: DenoiserConfig, parameters: Float32Array) {
  const { prediction, samplingSteps, guidanceWeight } = config;
  const schedule = createNoiseSchedule(config.schedule, config.timesteps, config);
  return { model, parameters, schedule, prediction, samplingSteps, guidanceWeight };
}
