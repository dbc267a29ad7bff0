import type { TrainConfig, TrainPreset } from 'ts-diffusion/train';

/** What can be trained in a browser, smallest first. */
export const sizes = {
  tiny: {
    title: 'Tiny',
    description: 'Recognizable digits after a few hundred steps. For phones.',
    preset: 'quick',
    prediction: 'x0',
    loss: 'l2',
    config: { channels: [16, 32], steps: 1500 },
  },
  quick: {
    title: 'Quick',
    description: 'Good digits after about 1,000 steps.',
    preset: 'quick',
    prediction: 'x0',
    loss: 'l2',
    config: { steps: 3000 },
  },
  images: {
    title: 'For the images',
    description:
      'A network chosen for the size, the channels and the number of the images. The choice for own pictures; needs thousands of steps.',
    preset: 'images',
    prediction: 'x0',
    loss: 'l2',
    config: { steps: 5000, warmupSteps: 100 },
  },
  paper: {
    title: 'Paper',
    description:
      "The paper's network and configuration. Each step takes four times as long, and it needs many more steps.",
    preset: 'paper',
    prediction: 'epsilon',
    loss: 'l1',
    config: { samplingSteps: 50 },
  },
} as const satisfies Record<
  string,
  {
    title: string;
    description: string;
    preset: TrainPreset;
    /** What the preset's network predicts, and how its error counts. */
    prediction: TrainConfig['prediction'];
    loss: TrainConfig['loss'];
    config: Partial<TrainConfig>;
  }
>;

export type Size = keyof typeof sizes;
export const sizeNames = Object.keys(sizes) as readonly Size[];

/** How often the browser's run is kept and its samples are drawn. */
export const intervals = { logEvery: 5, checkpointEvery: 25 };
