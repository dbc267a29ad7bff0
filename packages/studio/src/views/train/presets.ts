import type { TrainConfig, TrainPreset } from 'ts-diffusion/train';

/** What can be trained in a browser, smallest first. */
export const sizes = {
  tiny: {
    title: 'Tiny',
    description: 'Shapes of digits after a few hundred steps; for phones.',
    preset: 'quick',
    config: { channels: [16, 32], steps: 1500 },
  },
  quick: {
    title: 'Quick',
    description: 'Digits after about a thousand steps.',
    preset: 'quick',
    config: { steps: 3000 },
  },
  paper: {
    title: 'Paper',
    description: "The paper's network and configuration: four times the work per step, and many more steps.",
    preset: 'paper',
    config: { samplingSteps: 50 },
  },
} as const satisfies Record<
  string,
  { title: string; description: string; preset: TrainPreset; config: Partial<TrainConfig> }
>;

export type Size = keyof typeof sizes;
export const sizeNames = Object.keys(sizes) as readonly Size[];

/** How often the browser's run is kept and its samples are drawn. */
export const intervals = { logEvery: 5, checkpointEvery: 25 };
