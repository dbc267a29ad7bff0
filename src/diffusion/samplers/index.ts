import { ddpm } from './ddpm.js';
import type { Sampler } from './sampler.js';

/** Every sampling algorithm under the name it goes by on the command line. */
export const samplers = { ddpm } as const satisfies Record<string, Sampler>;

export type SamplerName = keyof typeof samplers;

export const samplerNames = Object.keys(samplers) as readonly SamplerName[];

export type { Sampler, SamplerOptions, SamplerStart, SamplerState } from './sampler.js';
