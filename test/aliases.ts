import { fileURLToPath } from 'node:url';

const library = fileURLToPath(new URL('../packages/ts-diffusion/src/', import.meta.url));

/** The library's sources in place of its build, so that a test and what it tests share one copy of each module. */
export const sourceAliases = [
  { find: /^#platform\/(.*)\.js$/, replacement: `${library}node/platform/$1.ts` },
  { find: /^ts-diffusion$/, replacement: `${library}entries/main.ts` },
  { find: /^ts-diffusion\/([a-z]+)$/, replacement: `${library}entries/$1.ts` },
];
