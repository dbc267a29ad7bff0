import { describe, expect, test } from 'vitest';
import { loadEmbeddedDigits } from '../../../src/node/data/embedded.js';
import { createNodeRuntime } from '../../../src/node/runtime/node.js';
import { areaUnderCurve } from '../../../src/evaluation/two-sample/area-under-curve.js';
import { judge } from '../../../src/evaluation/two-sample/two-sample-test.js';
import { views } from '../../../src/evaluation/two-sample/views.js';
import { planarImages, type ShownImages } from '../../../src/evaluation/scored-images.js';
import { RandomStream } from '../../../src/utils/random.js';
import { digitSets } from '../untrained-networks.js';

describe('the area under the curve', () => {
  // The example of scikit-learn's roc_auc_score, and what the definition says of ties.
  test.each([
    [[0.1, 0.4], [0.35, 0.8], 0.75],
    [[1, 2, 3], [4, 5], 1],
    [[4, 5], [1, 2, 3], 0],
    [[1, 1], [1, 1, 1], 0.5],
    [[0, 1], [1], 0.75],
  ])('of negatives %j and positives %j is %d', (negatives, positives, area) => {
    expect(areaUnderCurve(negatives, positives)).toBe(area);
  });
});

test('views hide what they say', () => {
  const shown: ShownImages = {
    images: Uint8Array.of(0, 7, 8, 100, 127, 128, 248, 255, 247, 3, 9, 30),
    count: 1,
    channels: 1,
    height: 3,
    width: 4,
  };
  expect(views['as they are'](shown)).toEqual(shown);
  expect([...views.flattened(shown).images]).toEqual([0, 0, 8, 100, 127, 128, 255, 255, 247, 0, 9, 30]);
  expect([...views['black and white'](shown).images]).toEqual([0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0]);
  // (0 + 7 + 127 + 128) / 4 and (8 + 100 + 248 + 255) / 4; the third row has no pair.
  expect(views['2x2 means'](shown)).toEqual({
    images: Uint8Array.of(66, 153),
    count: 1,
    channels: 1,
    height: 1,
    width: 2,
  });
});

/** As digits, with one pixel in eight of the background 1 to 3 levels bright. */
function dusty({ images, ...rest }: ShownImages): ShownImages {
  const random = new RandomStream(3);
  const dust = images.map((level) => (level === 0 && random.integer(8) === 0 ? 1 + random.integer(3) : level));
  return { ...rest, images: dust };
}

test('a judge cannot tell real digits from others, tells dust that nobody sees, and not once it is flattened', async () => {
  const [real, others] = (await digitSets(400, 400)).map(planarImages) as [ShownImages, ShownImages];
  const runtime = await createNodeRuntime({ threads: 1 });
  const same = await judge(runtime, real, others, 0);
  // 400 images are asked about: a standard error of 0.025.
  expect(Math.abs(same.accuracy - 0.5)).toBeLessThan(0.1);
  expect(Math.abs(same.area - 0.5)).toBeLessThan(0.1);
  const found = await judge(runtime, real, dusty(others), 0);
  expect(found.accuracy).toBeGreaterThan(0.95);
  expect(found.area).toBeGreaterThan(0.98);
  expect([...found.suspicion].filter((logit) => logit > 0).length).toBeGreaterThan(0.9 * found.rows.length);
  const flattened = await judge(runtime, views.flattened(real), views.flattened(dusty(others)), 0);
  expect(Math.abs(flattened.accuracy - 0.5)).toBeLessThan(0.1);
}, 120_000);

test('the same seed gives the same verdict, another one another', async () => {
  const [real, others] = (await digitSets(60, 60)).map(planarImages) as [ShownImages, ShownImages];
  const runtime = await createNodeRuntime({ threads: 1 });
  const first = await judge(runtime, real, others, 5);
  expect(await judge(runtime, real, others, 5)).toEqual(first);
  expect((await judge(runtime, real, others, 6)).rows).not.toEqual(first.rows);
}, 120_000);

test('coloured images are judged in colour', async () => {
  const { images } = await loadEmbeddedDigits();
  const inColour = (tint: readonly number[], first: number): ShownImages => {
    const plane = 784;
    const planes = new Uint8Array(200 * 3 * plane);
    for (let i = 0; i < 200; i++) {
      tint.forEach((share, c) => {
        const digit = images.subarray((first + 50 * i) * plane, (first + 50 * i + 1) * plane);
        planes.set(
          digit.map((level) => level * share),
          (3 * i + c) * plane,
        );
      });
    }
    return { images: planes, count: 200, channels: 3, height: 28, width: 28 };
  };
  const runtime = await createNodeRuntime({ threads: 1 });
  const { accuracy } = await judge(runtime, inColour([1, 0.5, 0.5], 0), inColour([0.5, 1, 0.5], 1), 0);
  expect(accuracy).toBeGreaterThan(0.95);
}, 60_000);
