import { type Dataset, loadEmbeddedDigits } from 'ts-diffusion/data';
import type { TrainConfig, TrainPreset } from 'ts-diffusion/train';
import { trainInWorker } from 'ts-diffusion/worker';
import { saveTraining } from './checkpoint-store.js';
import { onlyClasses } from './digits.js';
import { deviceOptions } from './engine.js';
import type { DeviceName } from './tasks.js';

export interface TrainingInput {
  readonly device: DeviceName;
  readonly title: string;
  /** The digits trained on; of pictures, the classes that are drawn on the way. */
  readonly digits: readonly number[];
  /** The visitor's pictures, in place of the digits of the package. */
  readonly pictures?: Dataset | undefined;
  readonly preset: TrainPreset;
  readonly config: Partial<TrainConfig>;
  /** A checkpoint to go on from; its configuration is then the one that counts, but for the number of steps. */
  readonly resume?: Uint8Array | undefined;
  /** Revision of the kept training that this one replaces. */
  readonly revision: string | undefined;
  readonly losses: readonly (readonly [step: number, loss: number])[];
}

export type TrainingProgressEvent =
  | {
      readonly type: 'started';
      readonly step: number;
      readonly steps: number;
      readonly parameters: number;
      readonly images: number;
      readonly threads: number;
    }
  | { readonly type: 'step'; readonly step: number; readonly loss: number; readonly milliseconds: number }
  | { readonly type: 'saved'; readonly step: number }
  /** One image of each of `digits`, [N, C, H, W]. */
  | { readonly type: 'samples'; readonly step: number; readonly images: Uint8Array };

/** How the images of the progress are drawn: few steps, since training waits for them. */
const PREVIEW = { sampler: 'ddim', samplingSteps: 12, guidanceWeight: 1 } as const;

/**
 * Trains in the browser by the trainer that Node uses, in a worker of its own: the model that is open stays usable, and the memory is
 * given back. The run is kept in the browser's database. Aborting pauses it.
 *
 * @returns whether all steps were taken
 * @throws EngineFailure (changed-elsewhere) where another tab has changed the kept run, and as `trainInWorker`
 */
export async function trainHere(
  input: TrainingInput,
  onProgress: (event: TrainingProgressEvent) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { title, digits, pictures, preset, resume } = input;
  const dataset = pictures ?? onlyClasses(await loadEmbeddedDigits(), digits);
  const { steps, logEvery, checkpointEvery } = input.config;
  const changes = {
    ...(steps === undefined ? {} : { steps }),
    ...(logEvery === undefined ? {} : { logEvery }),
    ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
  };
  // A tone curve takes hundreds of images, each as long as in the time of many steps here.
  const quiet = { sampleEvery: 0, maxMinutes: 0, toneCurve: 0 };
  const config = { ...(resume === undefined ? input.config : changes), ...quiet };
  const losses = [...input.losses];
  let { revision } = input;
  let wanted = steps ?? 0;
  let finished = false;
  const events = trainInWorker({
    ...deviceOptions(input.device),
    ...{ preset, config, dataset, checkpoint: resume, signal },
    samples: { labels: digits, ...PREVIEW },
  });
  for await (const event of events) {
    switch (event.type) {
      case 'started':
        wanted = event.steps;
        onProgress(event);
        break;
      case 'metrics':
        if (event.line.loss !== undefined) losses.push([event.line.step, event.line.loss]);
        break;
      case 'checkpoint': {
        const { step, checkpoint } = event;
        if (checkpoint === undefined) break;
        revision = await saveTraining(
          { step, steps: wanted, digits, ...(pictures && { pictures }), title, losses, checkpoint },
          revision,
        );
        onProgress({ type: 'saved', step });
        break;
      }
      case 'step':
      case 'samples':
        onProgress(event);
        break;
      case 'stopped':
        finished = event.reason === 'finished';
        break;
    }
  }
  return finished;
}
