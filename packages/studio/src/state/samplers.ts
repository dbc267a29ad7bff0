import { type SamplerName, samplerNames, samplers, type TimestepSpacing } from 'ts-diffusion/diffusion';

/** Every sampler with its name for people: its title up to the source in brackets. */
export const samplerOptions = samplerNames.map((name): [SamplerName, string] => {
  return [name, samplers[name].title?.replace(/ \(.*/, '') ?? name];
});

const spacingTitles: Readonly<Record<TimestepSpacing, string>> = {
  even: 'Even',
  trailing: 'Trailing',
  'log-snr': 'By log SNR',
  karras: 'Karras',
};

export const spacingOptions = Object.entries(spacingTitles) as [TimestepSpacing, string][];
