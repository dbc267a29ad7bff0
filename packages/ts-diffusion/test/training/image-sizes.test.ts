import { describe, expect, test } from 'vitest';
import { createDataset } from '../../src/data/dataset.js';
import { denoiserParameters } from '../../src/models/denoiser-network.js';
import { patchSizes } from '../../src/models/patches.js';
import { resolveTrainConfig } from '../../src/training/resolve-config.js';
import type { TrainConfig } from '../../src/training/config.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { trainConfigFor } from '../../src/training/train-config-for.js';
import { DataError } from '../../src/utils/errors.js';

const images = (size: number) =>
  createDataset(
    { shape: [1, size, size], data: new Uint8Array(size ** 2) },
    { shape: [1], data: Uint8Array.of(0) },
    'pictures',
  );

/** Every side that images may have. */
const sizes = Array.from({ length: 121 }, (_, i) => 8 + i);

/** What the error names instead of a side, or nothing where there is none: then the network is built. */
function namedInstead(config: (size: number) => TrainConfig, size: number): number[] {
  try {
    const model = modelFor(config(size), images(size));
    denoiserParameters(model);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    const [, named = '', advice] = /The nearest sizes that work: ([\d and]+); give --image-size (\d+)\.$/.exec(
      (error as Error).message,
    ) ?? [''];
    const found = named.split(' and ').map(Number);
    expect(found).toContain(Number(advice));
    return found;
  }
}

/** The sides that are named work, lie from 8 to 128, and none between them and the side does. */
function checkEverySize(config: (size: number) => TrainConfig): number[] {
  const works = sizes.filter((size) => namedInstead(config, size).length === 0);
  for (const size of sizes) {
    if (works.includes(size)) continue;
    const nearest = [works.findLast((each) => each < size), works.find((each) => each > size)];
    const expected = nearest.filter((each) => each !== undefined);
    expect(namedInstead(config, size), String(size)).toEqual(expected);
  }
  return works;
}

describe.each(['paper-unet', 'modern-unet'] as const)('%s', (model) => {
  describe.each([2, 3, 4, 5])('of %d levels', (levels) => {
    test.each(patchSizes)('in patches of %d: multiples of patch size times 2^(levels - 1)', (patchSize) => {
      const perLevel = (value: number): number[] => Array<number>(levels).fill(value);
      const config = resolveTrainConfig('paper', { model, channels: perLevel(8), blocks: perLevel(1), patchSize });
      const multiple = patchSize * 2 ** (levels - 1);
      expect(checkEverySize(() => config)).toEqual(sizes.filter((size) => size % multiple === 0));
    });
  });
});

test('the preset images works for every multiple of 4 up to 40, of 8 up to 64 and of 16 beyond', () => {
  const works = sizes.filter(
    (size) => namedInstead((side) => trainConfigFor(images(side), 'images'), size).length === 0,
  );
  const expected = sizes.filter((size) => size % (size <= 16 ? 2 : size <= 40 ? 4 : size <= 64 ? 8 : 16) === 0);
  expect(works).toEqual(expected);
  for (const size of sizes) {
    for (const named of namedInstead((side) => trainConfigFor(images(side), 'images'), size)) {
      expect(works, String(size)).toContain(named);
    }
  }
});
