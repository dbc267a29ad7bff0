import { expect, test } from 'vitest';
import { ImageAnimation } from '../../src/pipeline/animation.js';

/** A state of one pixel per image, of model value `value`. */
const state = (step: number, steps: number, first: number, values: readonly number[]) => {
  const x = Float32Array.from(values);
  return { x, predictedX0: x, step, steps, timestep: steps - step, first, count: values.length, total: 3 };
};

test('shows evenly spaced moments of every batch, first and last included', () => {
  const animation = new ImageAnimation(3, 1, 3);
  for (let step = 0; step <= 4; step += 2) {
    animation.add(state(step, 4, 0, [step / 2 - 1, -1]));
    animation.add(state(step, 4, 2, [1 - step / 2]));
  }
  expect(animation.frames.map((frame) => [...frame])).toEqual([
    [0, 0, 255],
    [128, 0, 128],
    [255, 0, 0],
  ]);
});

test('a longer run shows its last state before each moment; images beyond the last take no part', () => {
  const animation = new ImageAnimation(1, 1, 2);
  for (let step = 0; step <= 8; step++) animation.add(state(step, 8, 0, [step / 4 - 1, 1]));
  animation.add(state(8, 8, 2, [1]));
  expect(animation.frames.map((frame) => [...frame])).toEqual([[96], [255]]);
});
