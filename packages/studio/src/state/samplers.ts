import type { SamplerName, TimestepSpacing } from 'ts-diffusion/diffusion';

/** Every sampler with its name for people; one left out does not compile. The code itself is the worker's. */
const titles: Readonly<Record<SamplerName, string>> = {
  ddpm: "DDPM, the paper's",
  ddim: 'DDIM',
  'dpm-solver++': 'DPM-Solver++ 2M',
  'dpm-solver++-sde': 'DPM-Solver++ 2M SDE',
  heun: 'Heun',
  unipc: 'UniPC',
};

export const samplerOptions = Object.entries(titles) as [SamplerName, string][];
export const samplerNames = samplerOptions.map(([name]) => name);

const spacingTitles: Readonly<Record<TimestepSpacing, string>> = {
  even: 'Even',
  trailing: 'Trailing',
  'log-snr': 'By log SNR',
  karras: 'Karras',
};

export const spacingOptions = Object.entries(spacingTitles) as [TimestepSpacing, string][];
export const spacingNames = spacingOptions.map(([name]) => name);
