import type { z } from 'zod';
import type { SamplerName } from './index.js';
import type { Sampler } from './sampler.js';

/** A sampler of the library by its name, or a user's own. */
export type SamplerChoice = SamplerName | Sampler;

/**
 * The options that a choice of sampler adds to those of drawing, as they may be given: each of them where it is a user's own sampler,
 * and none for a name, since the options of the library's samplers are among those of drawing.
 */
export type OptionsOfChoice<Choice extends SamplerChoice> =
  Choice extends Sampler<infer Shape> ? (string extends keyof Shape ? unknown : InputOf<Shape>) : unknown;

/** What is beside the options of a way of drawing, so that a user's own sampler has its own options, checked, in the same object. */
export type WithSampler<Choice extends SamplerChoice> = {
  /** Name of a sampler, or a sampler of one's own; its own options are then allowed beside these. */
  readonly sampler?: Choice | undefined;
} & OptionsOfChoice<Choice>;

/** What each field of a shape takes; all of them have defaults. */
type InputOf<Shape extends z.core.$ZodShape> = {
  readonly [Name in keyof Shape]?: z.input<Shape[Name]> | undefined;
};
