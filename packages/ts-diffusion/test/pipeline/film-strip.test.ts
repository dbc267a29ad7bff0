import { expect, test } from 'vitest';
import { FilmStrip } from '../../src/pipeline/film-strip.js';

test('each image has its row, each chosen timestep its column, whatever the batches', () => {
  const strip = new FilmStrip(3, 1, [0, 4, 2, 4]);
  expect(strip.timesteps).toEqual([4, 2, 0]);
  // Image i at timestep t has the byte 10 * i + t; 127.5 bytes are one unit of model range.
  const state = (first: number, count: number, timestep: number) => {
    const x = Float32Array.from({ length: count }, (_, i) => (10 * (first + i) + timestep) / 127.5 - 1);
    return { first, count, total: 4, timestep, x, predictedX0: x, step: 4 - timestep, steps: 4 };
  };
  for (const [first, count] of [
    [0, 2],
    [2, 2],
  ] as const) {
    for (const t of [4, 3, 2, 1, 0]) strip.add(state(first, count, t));
  }
  expect([...strip.frames]).toEqual([4, 2, 0, 14, 12, 10, 24, 22, 20]);
});
