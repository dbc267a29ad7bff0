import type { TimestepSpacing } from 'ts-diffusion/diffusion';

export { samplerOptions } from 'virtual:sampling';

const spacingTitles: Readonly<Record<TimestepSpacing, string>> = {
  even: 'Even',
  trailing: 'Trailing',
  leading: 'Leading',
  'log-snr': 'By log SNR',
  karras: 'Karras',
};

export const spacingOptions = Object.entries(spacingTitles) as [TimestepSpacing, string][];
