/** Made by web/build/sampling.ts of the sampling schema. */
declare module 'virtual:sampling' {
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
  export const samplerOptions: [import('ts-diffusion/diffusion').SamplerName, string][];
}
