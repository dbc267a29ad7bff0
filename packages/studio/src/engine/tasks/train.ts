import { DiffusionPipeline, pipelineModel, type Runtime } from 'ts-diffusion';
import { createDataset } from 'ts-diffusion/data';
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  resolveTrainConfig,
  type RunStore,
  train as trainingEvents,
  type TrainConfig,
} from 'ts-diffusion/train';
import { saveTraining } from '../checkpoint-store.js';
import { fetchDigits, onlyClasses } from '../digits.js';
import type { TrainResult } from '../protocol.js';
import { chooseRuntime } from '../runtime.js';
import type { Task } from './task.js';

const CLASSES = 10;

/** How the images of the progress are drawn: few steps, since training waits for them. */
const PREVIEW = { sampler: 'ddim', samplingSteps: 12, omega: 1 } as const;

/** Trains in the browser by the trainer that Node uses; the run is kept in the browser's database. Aborting pauses it. */
export const train: Task<'train'> = async (input, { report, signal }) => {
  const all = await fetchDigits('digits', input.base);
  const { images, labels } = onlyClasses(all, input.digits);
  const dataset = createDataset(images, labels, `digits ${input.digits.join('')}, as served with the page`, CLASSES);
  const resume = input.resume === undefined ? undefined : decodeCheckpoint(input.resume, 'the checkpoint');
  const config: TrainConfig =
    resume === undefined
      ? resolveTrainConfig(input.preset, input.config)
      : { ...resume.config, ...intervalsOf(input.config), steps: input.config.steps ?? resume.config.steps };
  const { runtime } = await chooseRuntime(input.device, config.model, 'training');

  const losses = [...input.losses];
  let preview: Checkpoint | undefined;
  let { revision } = input;
  const folder: RunStore = {
    path: 'this browser',
    hasCheckpoint: resume !== undefined,
    openMetrics: () => ({
      append: ({ step, loss }) => losses.push([step, loss]),
      flush: () => undefined,
      close: () => undefined,
    }),
    writeCheckpoint: async (checkpoint) => {
      preview = checkpoint;
      const { title, digits } = input;
      const bytes = encodeCheckpoint(checkpoint);
      const kept = { step: checkpoint.step, steps: config.steps, digits, title, losses, checkpoint: bytes };
      revision = await saveTraining(kept, revision);
      report({ type: 'saved', step: checkpoint.step });
    },
  };

  let result: TrainResult = { step: resume?.step ?? 0, finished: false };
  for await (const event of trainingEvents({ config, dataset, runtime, folder, resume, signal })) {
    switch (event.type) {
      case 'started': {
        const { step, parameters } = event;
        report({
          type: 'started',
          step,
          steps: config.steps,
          parameters,
          images: dataset.count,
          threads: runtime.threads,
        });
        break;
      }
      case 'step':
        report(event);
        break;
      case 'checkpoint':
        if (preview !== undefined) {
          report({ type: 'samples', step: event.step, images: await draw(runtime, preview, input.digits) });
        }
        break;
      case 'stopped':
        result = { step: event.step, finished: event.reason === 'finished' };
        break;
      case 'samples-due':
        break;
    }
  }
  return result;
};

const intervalsOf = ({ logEvery, checkpointEvery }: Partial<TrainConfig>): Partial<TrainConfig> => ({
  ...(logEvery === undefined ? {} : { logEvery }),
  ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
  sampleEvery: 0,
  maxMinutes: 0,
});

async function draw(runtime: Runtime, checkpoint: Checkpoint, labels: readonly number[]): Promise<Uint8Array> {
  const pipeline = new DiffusionPipeline(runtime, pipelineModel(checkpoint, true));
  try {
    return (await pipeline.generate({ labels, ...PREVIEW, seed: checkpoint.config.seed })).images;
  } finally {
    await pipeline.dispose();
  }
}
