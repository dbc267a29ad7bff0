import { describe, expect, it } from 'vitest';
import { NULL_LABEL } from '../../src/diffusion/denoiser.js';
import { dropLabels } from '../../src/diffusion/label-dropout.js';
import { Purpose, RandomStream } from '../../src/utils/random.js';

const labels = Int32Array.from({ length: 40_000 }, (_, i) => i % 10);
const stream = () => new RandomStream(11, Purpose.trainingBatch, 0);
const droppedIn = (values: Int32Array) => values.reduce((count, label) => count + (label === NULL_LABEL ? 1 : 0), 0);

describe('dropLabels', () => {
  it.each([0.1, 0.5, 0.9])('drops a share of %d of the labels and leaves the others as they are', (probability) => {
    const out = dropLabels(labels, probability, stream());
    const deviation = Math.sqrt(labels.length * probability * (1 - probability));
    expect(Math.abs(droppedIn(out) - labels.length * probability)).toBeLessThan(4 * deviation);
    expect(out.every((label, i) => label === NULL_LABEL || label === labels[i])).toBe(true);
  });

  it('tosses one coin per image: in pairs of neighbours all four outcomes are equally frequent', () => {
    const out = dropLabels(labels, 0.5, stream());
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < out.length; i += 2) {
      const outcome = (out[i] === NULL_LABEL ? 2 : 0) + (out[i + 1] === NULL_LABEL ? 1 : 0);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    const pairs = labels.length / 2;
    for (const count of counts) expect(Math.abs(count - pairs / 4)).toBeLessThan(4 * Math.sqrt((pairs * 3) / 16));
  });

  it('drops nothing at probability 0 and everything at 1', () => {
    expect(dropLabels(labels, 0, stream())).toEqual(labels);
    expect(droppedIn(dropLabels(labels, 1, stream()))).toBe(labels.length);
  });

  it('consumes one uniform per image whatever the outcome', () => {
    const used = stream();
    dropLabels(labels.subarray(0, 100), 0.5, used);
    const reference = stream();
    for (let i = 0; i < 100; i++) reference.uniform();
    expect(used.uniform()).toBe(reference.uniform());
  });

  it('with one coin for the batch, drops all labels or none, with the given probability', () => {
    const stream = new RandomStream(3);
    const dropped = Array.from({ length: 2000 }, () => droppedIn(dropLabels([1, 2, 3], 0.3, stream, 'batch')));
    expect(new Set(dropped)).toEqual(new Set([0, 3]));
    const share = dropped.filter((count) => count === 3).length / 2000;
    expect(Math.abs(share - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 2000));
  });

  it.each([-0.1, 1.1, NaN])('refuses probability %d', (probability) => {
    expect(() => dropLabels(labels, probability, stream())).toThrow(
      `The label dropout probability must be from 0 to 1, got ${probability}.`,
    );
  });
});
