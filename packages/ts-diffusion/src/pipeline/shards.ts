import { ConfigError } from '../utils/errors.js';
import { options, positiveCount, signature, listOf, like, count as wholeCount } from '../utils/arguments.js';
import { plan as planShape } from '../utils/argument-shapes.js';
import type { Span } from './batches.js';
import type { SamplingPlan } from './sampling-plan.js';

/** One of several parts of a set of images, each computed by a process of its own: number `index` (1, 2, ...) `of` so many. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

const spanShape = like('a span of images', { first: wholeCount, count: positiveCount });
const shardSpanArguments = signature('shardSpan', {
  batches: listOf(spanShape, 'an array of spans'),
  shard: options({ index: positiveCount, of: positiveCount }),
});

/**
 * The images of a shard. Shards are whole batches of the undivided set, in order and as equal as can be: what a network computes of
 * an image may depend in its last bits on the batch that the image is in.
 *
 * @param batches of the undivided set
 * @throws ConfigError for a shard that there is not, or more shards than batches
 */
export function shardSpan(batches: readonly Span[], shard: Shard): Span {
  shardSpanArguments({ batches, shard });
  const { index, of } = shard;
  if (index > of) throw new ConfigError(`Shard ${index}/${of}: of ${of} shards there is no number ${index}.`);
  if (of > batches.length) {
    const { count } = unite(batches);
    throw new ConfigError(
      `${count} images in ${plural(batches.length, 'batch', 'batches')} cannot be divided into ${of} shards, because a shard ` +
        `is at least one whole batch; use at most ${plural(batches.length, 'shard', 'shards')}.`,
    );
  }
  const edge = (shards: number): number => Math.floor((shards * batches.length) / of);
  return unite(batches.slice(edge(index - 1), edge(index)));
}

const planPartArguments = signature('planPart', {
  plan: planShape,
  span: options({ first: wholeCount, count: positiveCount }),
});

/**
 * A part of a plan: those of its batches that hold any of the given images. Its images are, to the bit, those that the whole plan
 * draws on the same device with as many threads.
 *
 * @returns the plan, and which images it draws of those of the whole plan
 * @throws ConfigError for images that the plan does not draw
 */
export function planPart(plan: SamplingPlan, span: Span): { readonly plan: SamplingPlan; readonly span: Span } {
  planPartArguments({ plan, span });
  const end = span.first + span.count;
  if (end > plan.labels.length) {
    throw new ConfigError(
      `This plan draws ${plan.labels.length} images; it has no images ${span.first} to ${end - 1}.`,
    );
  }
  const batches = plan.batches.filter(({ first, count }) => first < end && first + count > span.first);
  const part = unite(batches);
  const { first, count } = part;
  const { sampling, labels, shownLabels, begin } = plan;
  return {
    span: part,
    plan: {
      ...plan,
      sampling: { ...sampling, firstImage: sampling.firstImage + first },
      labels: labels.subarray(first, first + count),
      shownLabels: shownLabels.subarray(first, first + count),
      batches: batches.map((batch) => ({ first: batch.first - first, count: batch.count })),
      begin: (batch) => begin({ ...batch, span: { first: batch.span.first + first, count: batch.span.count } }),
    },
  };
}

/** From the first image of these batches to the last; they follow each other. */
function unite(batches: readonly Span[]): Span {
  const first = batches[0]?.first ?? 0;
  const last = batches.at(-1);
  return { first, count: last === undefined ? 0 : last.first + last.count - first };
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
