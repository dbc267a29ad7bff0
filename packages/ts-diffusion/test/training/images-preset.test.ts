import { describe, expect, test } from 'vitest';
import { flopsPerImage } from '../../src/diagnostics/flops.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import type { TrainConfig } from '../../src/training/config.js';
import type { TrainPreset } from '../../src/training/presets.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { trainConfigFor } from '../../src/training/train-config-for.js';
import { createDataset } from '../../src/data/dataset.js';

/** `count` is only told: no network looks at the images. */
const images = (size: number, channels: number, count: number) => ({
  ...createDataset(
    { shape: [1, channels, size, size], data: new Uint8Array(channels * size ** 2) },
    { shape: [1], data: Uint8Array.of(0) },
    'pictures',
  ),
  count,
});

const gigaFlopsPerStep = (config: TrainConfig, of: ReturnType<typeof images>): number =>
  (flopsPerImage(modelFor(config, of), config.batchSize).training * config.batchSize) / 1e9;

describe('the preset images', () => {
  const modern = gigaFlopsPerStep(resolveTrainConfig('modern'), images(28, 1, 60_000));

  test.each([300, 2000, 60_000])(
    'of %d images of any size: a step takes at most 2.2 times the work of one of modern, in RGBA 3.6 times',
    (count) => {
      for (const [channels, most] of [
        [1, 2.2],
        [3, 2.2],
        [4, 3.6],
      ] as const) {
        for (const size of [8, 16, 28, 32, 40, 48, 64, 80, 96, 112, 128]) {
          const of = images(size, channels, count);
          const config = trainConfigFor(of, 'images');
          expect(gigaFlopsPerStep(config, of) / modern, `${channels}x${size}x${size}`).toBeLessThan(most);
        }
      }
    },
  );

  test('is the network of modern for its digits', () => {
    const digits = images(28, 1, 60_000);
    expect(modelFor(trainConfigFor(digits, 'images'), digits)).toEqual(modelFor(resolveTrainConfig('modern'), digits));
  });

  test('has fewer parameters, more dropout and fewer steps for fewer images', () => {
    const [few, some, many] = [300, 2000, 60_000].map((count) => {
      const of = images(32, 3, count);
      const config = trainConfigFor(of, 'images');
      return { config, size: denoiserParameters(modelFor(config, of)).size };
    });
    expect([few?.config.dropout, some?.config.dropout, many?.config.dropout]).toEqual([0.2, 0.1, 0]);
    expect((few?.size ?? NaN) / (many?.size ?? NaN)).toBeCloseTo(1 / 4, 1);
    expect((some?.size ?? NaN) / (many?.size ?? NaN)).toBeCloseTo(1 / 2, 0);
    expect([few?.config.steps, some?.config.steps, many?.config.steps]).toEqual([10_000, 20_000, 50_000]);
  });

  test.each([1, 2, 3, 4])('with %d channels: no level is narrower than what a patch holds', (channels) => {
    for (let size = 8; size <= 128; size += 8) {
      for (const count of [10, 600, 6000]) {
        const config = trainConfigFor(images(size, channels, count), 'images');
        expect(Math.min(...config.channels)).toBeGreaterThanOrEqual(channels * config.patchSize ** 2);
      }
    }
  });

  test('lets options and files win, and does not flip', () => {
    const of = images(64, 3, 10);
    expect(trainConfigFor(of, 'images').flip).toBe(false);
    const config = trainConfigFor(of, 'images', { channels: [64, 64], steps: 5 }, { steps: 6, flip: true });
    expect(config).toMatchObject({ channels: [64, 64], steps: 6, flip: true, patchSize: 4 });
  });

  test('of another preset is that preset', () => {
    expect(trainConfigFor(images(8, 1, 3), 'quick', { steps: 9 })).toEqual(resolveTrainConfig('quick', { steps: 9 }));
    expect(() => trainConfigFor(images(8, 1, 3), 'large' as TrainPreset)).toThrow(
      'Presets: paper, quick, modern, images.',
    );
  });
});
