import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import type { TrainConfig } from '../../src/training/config.js';
import { createDataset, type Dataset } from '../../src/data/dataset.js';
import { RandomStream } from '../../src/utils/random.js';

/** A run whose step takes about a millisecond. */
export function tinyConfig(changes: Partial<TrainConfig> = {}): TrainConfig {
  return resolveTrainConfig('paper', {
    channels: [4, 8, 16],
    timesteps: 10,
    batchSize: 4,
    steps: 12,
    threads: 1,
    learningRate: 1e-3,
    warmupSteps: 3,
    learningRateDecay: 'cosine',
    seed: 5,
    logEvery: 2,
    checkpointEvery: 5,
    sampleEvery: 0,
    ...changes,
  });
}

/** 30 images of 8x8 random pixels in 10 classes. */
export function tinyDataset(seed = 1, size = 8): Dataset {
  const count = 30;
  const random = new RandomStream(seed);
  const images = Uint8Array.from({ length: count * size * size }, () => random.integer(256));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return createDataset(
    { shape: [count, size, size], data: images },
    { shape: [count], data: labels },
    'tiny images',
    10,
  );
}
