import type { NoiseSchedule } from '../../src/diffusion/noise-schedule.js';
import type { PredictionType } from '../../src/diffusion/prediction.js';
import type { HostTensor, Program, Runtime } from '../../src/runtime/types.js';
import { mixtureDenoiser, predicting, type Mixture } from '../diffusion/mixture.js';

/** Data of three classes; images without a class are of the last mixture. */
const dataOfLabel: readonly Mixture[] = [
  [{ weight: 1, mean: 0.3, deviation: 0.5 }],
  [
    { weight: 0.4, mean: -0.8, deviation: 0.3 },
    { weight: 0.6, mean: 0.5, deviation: 0.4 },
  ],
  [{ weight: 1, mean: -0.4, deviation: 0.2 }],
  [
    { weight: 0.3, mean: -0.9, deviation: 0.2 },
    { weight: 0.7, mean: 0.4, deviation: 0.5 },
  ],
];

/** The classes of `dataOfLabel`. */
export const CLASSES = dataOfLabel.length - 1;

/**
 * A device whose every program is the exact denoiser of Gaussian mixtures, computed in JavaScript. Its results are the same on
 * every machine, which no convolution promises.
 *
 * @param prediction what the programs predict
 */
export function closedFormRuntime(schedule: NoiseSchedule, prediction: PredictionType): Runtime {
  const network = predicting(prediction, mixtureDenoiser(schedule, dataOfLabel), schedule);
  const program: Program = {
    async run(feeds) {
      const x = floats(feeds, 'x');
      const timesteps = floats(feeds, 't').data;
      const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
      const images = { shape: [batch, channels, height, width] as const, data: x.data };
      const data = await network(images, timesteps, Int32Array.from(floats(feeds, 'label').data));
      return { prediction: { dtype: 'float32', shape: x.shape, data } };
    },
    readState: (input) => Promise.reject(new Error(`a closed form has no state "${input}"`)),
    writeState: (input) => {
      throw new Error(`a closed form has no state "${input}"`);
    },
    dispose: () => Promise.resolve(),
  };
  return { device: 'cpu', threads: 1, version: 'closed form', compile: () => Promise.resolve(program) };
}

function floats(feeds: Readonly<Record<string, HostTensor>>, name: string) {
  const tensor = feeds[name];
  if (tensor?.dtype !== 'float32') throw new Error(`there is no float32 input "${name}"`);
  return tensor;
}
