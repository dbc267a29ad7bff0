import { describe, expect, test } from 'vitest';
import { createDataset } from '../../src/data/dataset.js';
import { DataError } from '../../src/utils/errors.js';
import { modelFor } from '../../src/training/model-for-data.js';
import { tinyConfig } from './tiny-run.js';

const images = (...shape: number[]) =>
  createDataset(
    { shape, data: new Uint8Array(shape.reduce((a, b) => a * b)) },
    { shape: [shape[0] as number], data: new Uint8Array(shape[0] as number) },
    'pictures',
    2,
  );

describe('the network for a data set', () => {
  test.each([1, 2, 3, 4])('has its channels: %d', (channels) => {
    const model = modelFor(tinyConfig(), images(3, channels, 16, 16));
    expect(model).toMatchObject({ imageChannels: channels, imageSize: 16, classes: 2 });
  });

  // Three levels halve twice: multiples of 4, or with patches of 2 of 8.
  test.each([
    [30, 1, 'The nearest sizes that work: 28 and 32; give --image-size 28'],
    [31, 1, '28 and 32; give --image-size 32'],
    [33, 2, '32 and 40; give --image-size 32'],
    [130, 2, 'work: 128; give --image-size 128'],
    [2, 1, 'work: 8; give --image-size 8'], // no smaller image can be asked for
  ] as const)('of %d pixels and patches of %d: the nearest sizes that work', (size, patchSize, advice) => {
    const build = () => modelFor(tinyConfig({ patchSize }), images(2, size, size));
    expect(build).toThrow(DataError);
    expect(build).toThrow(advice);
  });

  test('of rectangles: the nearest squares', () => {
    expect(() => modelFor(tinyConfig(), images(2, 32, 24))).toThrow('--image-size 32');
  });
});
