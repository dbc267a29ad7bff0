import { DisposedError } from '../../src/entries/errors.js';
import * as worker from '../../src/entries/worker.js';
import { dataset, type Call } from './fixtures.js';

/** Ends a call where it would ask its worker: no worker has to start for the arguments to be checked. */
const on = new worker.DiffusionWorker();
on.dispose();

const untilAsked = async (call: () => Promise<unknown>): Promise<void> => {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof DisposedError)) throw error;
  }
};

const device = { device: 'cpu', threads: 1, wasmPaths: 'x' };
const { signal } = new AbortController();

/** What computes in a worker. */
export const workerCalls: readonly Call[] = [
  {
    name: 'DiffusionWorker',
    call: (options: worker.DiffusionWorkerOptions) => new worker.DiffusionWorker(options),
    given: [{ worker: () => undefined }],
    allOptional: true,
  },
  {
    name: 'trainInWorker',
    ofManyKinds: ['wasmPaths'],
    call: (options: worker.WorkerTrainingOptions) => untilAsked(() => worker.trainInWorker(options).next()),
    given: [
      {
        ...device,
        on,
        signal,
        preset: 'quick',
        config: { steps: 1 },
        dataset,
        checkpoint: new Uint8Array(3),
        runFolder: 'x',
        samples: { labels: [1] },
        worker: () => undefined,
      },
    ],
  },
  {
    name: 'WorkerClassifier.load',
    ofManyKinds: ['wasmPaths'],
    call: (...given: Parameters<typeof worker.WorkerClassifier.load>) =>
      untilAsked(() => worker.WorkerClassifier.load(...given)),
    given: ['evaluator', { ...device, on, signal, worker: () => undefined }],
  },
  {
    name: 'WorkerPipeline.load',
    ofManyKinds: ['wasmPaths'],
    call: (...given: Parameters<typeof worker.WorkerPipeline.load>) =>
      untilAsked(() => worker.WorkerPipeline.load(...given)),
    given: ['quick', { ...device, on, signal, worker: () => undefined, newestWins: true, warmUp: false }],
  },
];
