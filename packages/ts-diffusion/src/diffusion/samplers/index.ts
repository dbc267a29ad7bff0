import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { dpmSolverSde } from './dpm-solver-sde.js';
import { dpmSolver } from './dpm-solver.js';
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
} as const satisfies Record<string, Sampler>;

export type SamplerName = keyof typeof samplers;

export const samplerNames = Object.keys(samplers) as readonly SamplerName[];

export type { AlgorithmOptions, Sampler, SamplerOptions, SamplerStart, SamplerState } from './sampler.js';
