import { expect, test } from 'vitest';
import { splitEvenly } from '../../src/pipeline/batches.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { planEdit } from '../../src/pipeline/plan-edit.js';
import { planSampling } from '../../src/pipeline/plan-sampling.js';
import { runPlan } from '../../src/pipeline/run-plan.js';
import type { SamplingPlan } from '../../src/pipeline/sampling-plan.js';
import { planPart, shardSpan } from '../../src/pipeline/shards.js';
import { createNodeRuntime } from '../../src/node/runtime/node.js';
import { tinyModel } from './tiny-model.js';

const pipeline = new DiffusionPipeline(await createNodeRuntime({ threads: 1 }), tinyModel());
const labels = Int32Array.from({ length: 23 }, (_, i) => i % 10);
const options = { labels, samplingSteps: 3, batchSize: 5, seed: 9, firstImage: 4 };
const plans: Record<string, SamplingPlan> = {
  drawn: planSampling(pipeline, options),
  edited: planEdit(pipeline, { ...options, images: Uint8Array.from({ length: 23 * 64 }, (_, i) => (i * 37) % 256) }),
};

test.each(Object.entries(plans))('images %s in shards are those of the whole plan, to the bit', async (_, plan) => {
  const whole = await runPlan(plan);
  for (const of of [1, 2, 3, 5]) {
    const images = new Uint8Array(whole.images.length);
    const seen: number[] = [];
    // The last shard first.
    for (let index = of; index >= 1; index--) {
      const span = shardSpan(plan.batches, { index, of });
      const { plan: part, span: drawn } = planPart(plan, span);
      expect(drawn).toEqual(span);
      const shard = await runPlan(part);
      images.set(shard.images, span.first * 64);
      seen.unshift(...shard.labels);
    }
    expect(images).toEqual(whole.images);
    expect(seen).toEqual([...labels]);
  }
});

test('a part within batches is drawn with all of these batches', () => {
  // Batches begin at 0, 5, 10, 15 and 19.
  const { plan, span } = planPart(plans['drawn'] as SamplingPlan, { first: 7, count: 9 });
  expect(span).toEqual({ first: 5, count: 14 });
  expect(plan.sampling.firstImage).toBe(9);
  expect(plan.batches).toEqual([
    { first: 0, count: 5 },
    { first: 5, count: 5 },
    { first: 10, count: 4 },
  ]);
  expect(() => planPart(plans['drawn'] as SamplingPlan, { first: 20, count: 4 })).toThrow('has no images 20 to 23');
});

test('shards are whole batches, each in one of them, and as equal as can be', () => {
  for (const count of [1, 7, 100, 1001]) {
    for (const largest of [1, 3, 16]) {
      const batches = splitEvenly(count, largest);
      for (const of of [1, 2, 3, 7].filter((shards) => shards <= batches.length)) {
        const spans = Array.from({ length: of }, (_, i) => shardSpan(batches, { index: i + 1, of }));
        let next = 0;
        for (const { first, count: images } of spans) {
          expect(first).toBe(next);
          expect(batches.some((batch) => batch.first === first)).toBe(true);
          next += images;
        }
        expect(next).toBe(count);
        const sizes = spans.map(
          (span) => batches.filter(({ first }) => first >= span.first && first < span.first + span.count).length,
        );
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }
  }
});

test('a shard that there is not is refused', () => {
  const batches = splitEvenly(20, 10);
  expect(() => shardSpan(batches, { index: 3, of: 2 })).toThrow('Shard 3/2: of 2 shards there is no number 3.');
  expect(() => shardSpan(batches, { index: 1, of: 3 })).toThrow(
    '20 images in 2 batches cannot be divided into 3 shards, because a shard is at least one whole batch; use at most 2 shards.',
  );
});
