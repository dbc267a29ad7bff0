import type { Plugin } from 'vite';
import { z } from 'zod';
import { samplerNames, samplers, samplingSchema } from 'ts-diffusion/diffusion';

const MODULE = 'virtual:sampling';

/**
 * The module `virtual:sampling`: what the page's address has to know of the sampling options and the samplers, as data. The schema
 * itself, with the library that it is written in, is the worker's.
 */
export function sampling(): Plugin {
  return {
    name: 'sampling',
    resolveId: (source) => (source === MODULE ? `\0${MODULE}` : null),
    load(id) {
      if (id !== `\0${MODULE}`) return null;
      const { properties } = z.toJSONSchema(samplingSchema, { io: 'input' });
      const titles = samplerNames.map((name) => [name, samplers[name].title?.replace(/ \(.*/, '') ?? name]);
      return `export const fields = ${JSON.stringify(properties)};\nexport const samplerOptions = ${JSON.stringify(titles)};\n`;
    },
  };
}
