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
      'Sample digits from the model in the package, then train the quick preset (a few minutes) and sample from it',
    load: async () => (await import('./commands/start.js')).configureStart,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'train',
    summary: 'Train a model; writes a run folder with configuration, metrics, samples and checkpoints',
    load: async () => (await import('./commands/train.js')).configureTrain,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'distill',
    summary: 'Distill a model into a student that draws in 1 to 4 evaluations',
    load: async () => (await import('./commands/distill.js')).configureDistill,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'sample',
    summary: 'Sample images from a trained model',
    load: async () => (await import('./commands/sample.js')).configureSample,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'interpolate',
    summary: 'Interpolate between two digits, sampled or real',
    load: async () => (await import('./commands/interpolate.js')).configureInterpolate,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'inpaint',
    summary: 'Complete the masked part of images (inpainting)',
    load: async () => (await import('./commands/inpaint.js')).configureInpaint,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'edit',
    summary: 'Add noise to images and sample from there, also with another label (image-to-image)',
    load: async () => (await import('./commands/edit.js')).configureEdit,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'noise',
    summary: 'Show how the linear and the cosine noise schedule turn an image into noise (Figure 1)',
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
    summary: 'Export a trained model as denoiser.onnx and model.safetensors, or as a folder of diffusers',
    load: async () => (await import('./commands/export.js')).configureExport,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'push',
    summary: 'Upload a run or an exported model to the Hugging Face Hub',
    load: async () => (await import('./commands/push.js')).configurePush,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'import',
    summary: 'Import a model of diffusers (UNet2DModel), to sample from it and train it further',
    load: async () => (await import('./commands/import.js')).configureImport,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'evaluate',
    summary: 'Score samples of a model, or a folder of images, against real digits; writes a receipt',
    load: async () => (await import('./commands/evaluate.js')).configureEvaluate,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'merge',
    summary: 'Merge shards of sample or evaluate --statistics into images, or into scores and a receipt',
    load: async () => (await import('./commands/merge.js')).configureMerge,
    whenOutputIsLost: 'finish',
  },
  {
    name: 'train-evaluator',
    summary: 'Train the digit classifiers used for the scores',
    load: async () => (await import('./commands/train-evaluator.js')).configureTrainEvaluator,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'compare',
    summary: 'Compare the scores of several receipts measured under the same conditions',
    load: async () => (await import('./commands/compare.js')).configureCompare,
    whenOutputIsLost: 'stop',
  },
  {
    name: 'sweep',
    summary: 'Train, sample and score every combination of settings of a plan; writes a report of them',
    load: async () => (await import('./commands/sweep.js')).configureSweep,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'worker',
    summary: 'Take the jobs of sweeps from a queue, on any number of machines',
    load: async () => (await import('./commands/worker.js')).configureWorker,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'queue',
    summary: 'Show the jobs and workers of a queue; cancel jobs, or retry those that failed',
    load: async () => (await import('./commands/queue.js')).configureQueue,
    whenOutputIsLost: 'stop',
  },
  {
    name: 'reproduce',
    summary: "Reproduce the paper's tables and figures as one resumable experiment, with a report",
    load: async () => (await import('./commands/reproduce.js')).configureReproduce,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'studio',
    summary: 'Serve the studio: a web page to sample, to train and to watch runs',
    load: async () => (await import('./commands/studio.js')).configureStudio,
    whenOutputIsLost: 'ignore',
  },
  {
    name: 'doctor',
    summary: 'Check this machine: devices, speed, agreement between devices, data',
    load: async () => (await import('./commands/doctor.js')).configureDoctor,
    whenOutputIsLost: 'stop',
  },
];
