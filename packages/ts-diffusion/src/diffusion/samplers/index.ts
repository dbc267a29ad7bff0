import type { z } from 'zod';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverSde } from './dpm-solver-sde.js';
import { dpmSolver } from './dpm-solver.js';
import { flowEuler } from './flow-euler.js';
import { flowHeun } from './flow-heun.js';
import { heun } from './heun.js';
import type { Sampler } from './sampler.js';
import { unipc } from './unipc.js';

/** Every sampling algorithm under the name it goes by on the command line. */
export const samplers = {
  ddpm,
  ddim,
  'dpm-solver++': dpmSolver,
  'dpm-solver++-sde': dpmSolverSde,
  heun,
  unipc,
  'flow-euler': flowEuler,
  'flow-heun': flowHeun,
} as const satisfies Record<string, Sampler>;

/** The name of a sampler of the library. */
export type SamplerName = keyof typeof samplers;

/** The names of the samplers, in the order of `samplers`. */
export const samplerNames = Object.keys(samplers) as readonly SamplerName[];

type Shapes = (typeof samplers)[SamplerName]['options'];
type KeysOf<Union> = Union extends unknown ? keyof Union : never;
type FieldOf<Union, Key extends PropertyKey> = Union extends { readonly [K in Key]: infer Field } ? Field : never;

/** The options that single samplers own, as they may be given. */
export type OwnSamplerOptions = {
  readonly [Key in KeysOf<Shapes>]?: z.input<Extract<FieldOf<Shapes, Key>, z.ZodType>> | undefined;
};

export type { OptionValues, Sampler, SamplerStep, Step } from './sampler.js';
export type { SamplerStart } from './start.js';
