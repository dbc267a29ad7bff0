import type { Dataset } from '../data/dataset.js';
import type { DeviceOptions } from '../diagnostics/choose-runtime.js';
import type { SampleOptions } from '../pipeline/sample-options.js';
import type { TrainConfigLayer } from '../training/config.js';
import type { TrainPreset } from '../training/presets.js';
import { clientOf, DiffusionWorker, workerOptions, type DiffusionWorkerOptions } from './diffusion-worker.js';
import type { WorkerTrainingEvent } from './training-event.js';
import { ConfigError } from '../utils/errors.js';
import { bytes, count, numbers, options, record, signal, signature, text } from '../utils/arguments.js';
import { dataset, deviceChoice, wasmPaths } from '../utils/argument-shapes.js';

/** What a worker trains, and how. */
export interface WorkerTrainingOptions extends DeviceOptions, DiffusionWorkerOptions {
  /** The preset to begin with, default `paper`: one of `trainPresets`, or `images`, which chooses a network for the images. */
  readonly preset?: TrainPreset | undefined;
  /** What differs from the preset, or from the configuration of the checkpoint to go on from. */
  readonly config?: TrainConfigLayer | undefined;
  /** The images, in memory (`inMemory`). Node: default those that `config.data` names. */
  readonly dataset?: Dataset | undefined;
  /** A `checkpoint.safetensors` to go on from. */
  readonly checkpoint?: Uint8Array | undefined;
  /** Node: the folder of the run, made anew, or gone on with where it has a checkpoint. Without it checkpoints come as bytes. */
  readonly runFolder?: string | undefined;
  /**
   * Images to draw from the averaged weights at every checkpoint and every `config.sampleEvery` steps, by default of the seed
   * `config.seed`; absent: none.
   */
  readonly samples?: SampleOptions | undefined;
  /** When aborted, the step at hand is finished, a checkpoint is written and the run stops. */
  readonly signal?: AbortSignal | undefined;
  /** A worker that is shared; default: one of its own, which ends with the training. */
  readonly on?: DiffusionWorker | undefined;
}

const trainingOptions = options({
  ...workerOptions,
  preset: text.optional(),
  config: record.optional(),
  dataset: dataset.optional(),
  checkpoint: bytes.optional(),
  runFolder: text.optional(),
  samples: options({ labels: numbers }).optional(),
  signal: signal.optional(),
  device: deviceChoice.optional(),
  threads: count.optional(),
  wasmPaths,
});
const trainInWorkerArguments = signature('trainInWorker', { options: trainingOptions });

/**
 * Trains in a worker: `train`, event after event, without blocking the page or Node's event loop. The worker waits with the next
 * step until its caller has dealt with an event. Leaving the loop ends the training without another checkpoint.
 *
 *     for await (const event of trainInWorker({ preset: 'quick', dataset })) {
 *       if (event.type === 'checkpoint') await keep(event.checkpoint);
 *     }
 *
 * @throws as `train`; DataError, RuntimeError for data and devices; WorkerEndedError when the worker crashes
 */
export async function* trainInWorker(options: WorkerTrainingOptions): AsyncGenerator<WorkerTrainingEvent, void, void> {
  trainInWorkerArguments({ options });
  const { preset = 'paper', config = {}, dataset, checkpoint, runFolder, samples, signal, on, worker } = options;
  const { device, threads, wasmPaths } = options;
  if (dataset !== undefined && !bytes.matches(dataset.images)) {
    throw new ConfigError(
      "trainInWorker: the data set's images are in files. Give inMemory(dataset), or config.data for the worker to open.",
    );
  }
  const own = on === undefined ? new DiffusionWorker({ worker }) : undefined;
  const events: WorkerTrainingEvent[] = [];
  let wake = (): void => undefined;
  let ended = false as boolean;
  const training = clientOf(on ?? (own as DiffusionWorker)).begin(
    'train',
    { preset, config, dataset, checkpoint, runFolder, samples, device: { device, threads, wasmPaths } },
    (event) => {
      events.push(event);
      wake();
    },
  );
  const end = (): void => {
    ended = true;
    wake();
  };
  const settled = training.result.then(end, end);
  const abort = (): void => {
    training.cancel();
  };
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort);
  try {
    for (;;) {
      const event = events.shift();
      if (event !== undefined) {
        yield event;
        training.next();
        continue;
      }
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await training.result;
  } finally {
    signal?.removeEventListener('abort', abort);
    if (!ended) {
      training.next(true);
      // A crash is told above or has nobody to be told to.
      await settled;
    }
    own?.dispose();
  }
}
