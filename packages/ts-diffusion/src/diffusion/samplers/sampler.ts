import type { z } from 'zod';
import { sampler as samplerShape } from '../../utils/argument-shapes.js';
import type { ReverseTransition } from '../reverse-transition.js';
import { callback, finite, flag, oneOf, options, record, signature, text } from '../../utils/arguments.js';

/** What one step of an algorithm works from. */
export interface SamplerStep {
  readonly transition: ReverseTransition;
  /** x_t. */
  readonly x: Float32Array;
  /** E[x_0 | x_t] as predicted, clipped where that was asked for. */
  readonly predictedX0: Float32Array;
  /** The same before it was clipped. */
  readonly unclippedX0: Float32Array;
  /** The standard normals of this step; an algorithm that adds none never calls it. */
  readonly noise: () => Float32Array;
  /** The prediction of x_0 from another x at another timestep, for algorithms of two evaluations per step. */
  readonly denoise: (x: Float32Array, timestep: number) => Promise<Float32Array>;
}

/** x_t -> x_s, in a new array. */
export type Step = (input: SamplerStep) => Float32Array | Promise<Float32Array>;

/** The values of a sampler's own options, each with its default where it was not given. */
export type OptionValues<Shape extends z.core.$ZodShape = z.core.$ZodShape> = Readonly<z.output<z.ZodObject<Shape>>>;

/**
 * A sampling algorithm as a value. Everything that the program knows of an algorithm is read from here: the tests, the table in
 * docs/sampling.md, the options and their owners, and which samplers interpolation takes.
 */
export interface Sampler<Shape extends z.core.$ZodShape = z.core.$ZodShape> {
  readonly name: string;
  /** The algorithm, its source in brackets, and what else is worth knowing, for people. */
  readonly title?: string | undefined;
  /** Order of convergence in the number of steps: of the images, or where noise is added, of their variance. */
  readonly order: number;
  /** Whether its steps draw noise. Where false, the images follow from the starting noise alone. */
  readonly stochastic: boolean | Bivariant<OptionValues<Shape>, boolean>;
  /** The options that are this algorithm's own: a zod shape, each field with a default and a description. */
  readonly options: Shape;
  /** Begins a run: called once per batch, so that a multistep algorithm can keep earlier predictions in its closure. */
  readonly step: Bivariant<OptionValues<Shape>, Step>;
}

/** A function that a `Sampler` of any options may have: its options are checked by its own shape before it is called. */
type Bivariant<Input, Output> = { bivariant(input: Input): Output }['bivariant'];

const defineSamplerArguments = signature('defineSampler', {
  sampler: options({
    name: text,
    title: text.optional(),
    order: finite,
    stochastic: oneOf([flag, callback], 'true, false or a function'),
    options: record,
    step: callback,
  }),
});

/** A sampler, whose options `step` and `stochastic` receive with the types that `options` gives them. */
export function defineSampler<const Shape extends z.core.$ZodShape>(sampler: Sampler<Shape>): Sampler<Shape> {
  defineSamplerArguments({ sampler });
  return sampler;
}

/** Whether a sampler draws noise with these options. @param options complete, as `ownOptions` gives them */
export function addsNoise({ stochastic }: Sampler, options: OptionValues): boolean {
  return typeof stochastic === 'function' ? stochastic(options) : stochastic;
}

/** Whether a value is a sampler, as far as can be told without running it. */
export function isSampler(value: unknown): value is Sampler {
  return samplerShape.matches(value);
}
