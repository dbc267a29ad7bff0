import type { Command } from 'commander';
import type { LostOutput } from './output/guard-output.js';

/** One subcommand of `diffusion`: what the overview shows, and how to get its options and action when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Imports the command's file, so that the overview and the other commands do not pay for what it loads. */
  readonly load: () => Promise<(command: Command) => void>;
  readonly whenOutputIsLost: LostOutput;
}

/** Every subcommand, in the order of the overview. A new command is one new file and one line here. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'start',
    summary:
      'draw digits at once with the model in the package, then train the quick preset and draw with that: a few minutes',
    load: async () => (await import('./commands/start.js')).configureStart,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'train',
    summary: 'train a model; the run is a folder with its configuration, metrics, samples and checkpoint',
    load: async () => (await import('./commands/train.js')).configureTrain,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'sample',
    summary: 'draw images from a trained model',
    load: async () => (await import('./commands/sample.js')).configureSample,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'interpolate',
    summary: 'draw the images between two digits, drawn or real',
    load: async () => (await import('./commands/interpolate.js')).configureInterpolate,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'inpaint',
    summary: 'complete images of which a part is hidden',
    load: async () => (await import('./commands/inpaint.js')).configureInpaint,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'edit',
    summary: 'draw images again from a noised version, as what you say',
    load: async () => (await import('./commands/edit.js')).configureEdit,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'noise',
    summary: 'draw how the linear and the cosine schedule turn an image into noise (Figure 1)',
    load: async () => (await import('./commands/noise.js')).configureNoise,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'data',
    summary: 'look at images to train on: counts, classes, sizes, copies, broken files, a contact sheet',
    load: async () => (await import('./commands/data.js')).configureData,
    whenOutputIsLost: 'stop',
  },
  {
    name: 'export',
    summary: 'write the trained model as denoiser.onnx and model.safetensors',
    load: async () => (await import('./commands/export.js')).configureExport,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'evaluate',
    summary: 'score samples of a model, or a folder of images, against real digits, with a receipt',
    load: async () => (await import('./commands/evaluate.js')).configureEvaluate,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'train-evaluator',
    summary: 'train the digit classifiers that scores are computed with',
    load: async () => (await import('./commands/train-evaluator.js')).configureTrainEvaluator,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'compare',
    summary: 'put the scores of several receipts beside one another, if they compare',
    load: async () => (await import('./commands/compare.js')).configureCompare,
    whenOutputIsLost: 'stop',
  },
  {
    name: 'reproduce',
    summary: "run the paper's questions as one resumable experiment, with a report",
    load: async () => (await import('./commands/reproduce.js')).configureReproduce,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'studio',
    summary: 'serve the studio: a web page to play with models, to train in, and to watch runs',
    load: async () => (await import('./commands/studio.js')).configureStudio,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'doctor',
    summary: 'check this machine: devices, speed, agreement between devices, data',
    load: async () => (await import('./commands/doctor.js')).configureDoctor,
    whenOutputIsLost: 'stop',
  },
];
