import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const manifest = createRequire(import.meta.url).resolve('ts-diffusion/models/manifest.json');

/** The list of the package's models as `models/manifest.json`. The models themselves come with the library's addresses of them. */
export function models(): Plugin {
  return {
    name: 'models',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'models/manifest.json', source: readFileSync(manifest) });
    },
  };
}
