/** Made by packages/studio/build/sampling.ts of the sampling schema. */
declare module 'virtual:sampling' {
  import type { SamplerName } from 'ts-diffusion/diffusion';

  /** Every option, in JSON Schema's words. */
  export const fields: Readonly<
    Record<
      string,
      {
        readonly type?: string;
        readonly enum?: readonly string[];
        readonly minimum?: number;
        readonly maximum?: number;
        readonly default?: unknown;
      }
    >
  >;
  /** Every sampler with its name for people: its title up to the source in brackets. */
  export const samplerOptions: [SamplerName, string][];
}
