import { z } from 'zod';
import { scoreNames } from './scores.js';

const fields = () => z.record(z.string(), z.unknown());

/** The parts of a plan, but for what its sections hold. */
export const planSchema = z.strictObject({
  title: z.string().min(1).optional(),
  base: fields(),
  train: fields().optional(),
  sample: fields().optional(),
  evaluate: fields().optional(),
  axes: fields().optional(),
  grids: z.array(fields()).min(1).optional(),
  random: fields().optional(),
  scores: z.array(z.enum(scoreNames)).min(1).optional(),
  pictures: z.int().min(0).max(20).optional(),
  keep: z.boolean().optional(),
});

/** A plan as it is written: each field of its sections is still to be checked. */
export type PlanParts = z.infer<typeof planSchema>;

/** What `base` holds: one of these. */
export const baseSchema = z.strictObject({
  preset: z.string().optional(),
  config: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
});

/** What `random` holds. */
export const randomSchema = z.strictObject({
  settings: z.int().min(1).max(10_000),
  seed: z.int().nonnegative().default(0),
});
