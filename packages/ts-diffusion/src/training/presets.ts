import type { TrainConfig } from './config.js';

/** Sampling of networks that predict the image: as good as fifty steps (docs/results/quality.md). */
const TEN_STEPS = { sampler: 'dpm-solver++', samplingSteps: 10, spacing: 'trailing', toneCurve: 500 } as const;

/** Named starting points for a training run, as differences from the defaults. */
export const trainPresets = {
  /** The paper's configuration: 1,889,857 parameters, 100K steps. */
  paper: {},
  /** The best digits that two cores train in two to four minutes (docs/results/speedrun.md). */
  quick: {
    model: 'modern-unet',
    channels: [48, 96],
    blocks: [1, 1],
    patchSize: 2,
    timesteps: 500,
    schedule: 'cosine',
    // Predicting the image shows digits after a tenth of the steps that predicting the noise takes.
    prediction: 'x0',
    loss: 'l2',
    labelDropout: 0.1,
    steps: 2700,
    optimizer: 'muon',
    adamBeta1: 0.95,
    learningRate: 6e-3,
    warmupSteps: 50,
    learningRateDecay: 'cosine',
    emaDecay: 0.995,
    checkpointEvery: 250,
    sampleEvery: 0,
    ...TEN_STEPS,
    guidanceWeight: 0.8,
    maxMinutes: 3.9, // unless somebody asks for a number of steps
  },
  /** Residual blocks on 2x2 patches: the best digits per minute of training and of sampling (docs/results/quality.md). */
  modern: {
    model: 'modern-unet',
    channels: [64, 128],
    blocks: [1, 2],
    patchSize: 2,
    timesteps: 1000,
    schedule: 'cosine',
    prediction: 'x0',
    loss: 'l2',
    labelDropout: 0.1,
    steps: 100_000,
    batchSize: 64,
    learningRate: 1e-3,
    warmupSteps: 500,
    learningRateDecay: 'cosine',
    weightDecay: 0.01,
    gradientClip: 1,
    emaDecay: 0.9995,
    ...TEN_STEPS,
    guidanceWeight: 0.5,
  },
} satisfies Record<string, Partial<TrainConfig>>;

/** The preset that depends on the images: `imagesPreset`. */
export const IMAGES = 'images';

/** The name of a preset: one of `trainPresets`, or `images`, which `trainConfigFor` resolves. */
export type TrainPreset = keyof typeof trainPresets | typeof IMAGES;

/** The names of all presets. */
export const trainPresetNames: readonly TrainPreset[] = [...(Object.keys(trainPresets) as TrainPreset[]), IMAGES];
