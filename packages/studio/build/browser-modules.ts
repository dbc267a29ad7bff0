import type { Plugin } from 'vite';

/** Fails the build when one of Node's modules gets into the bundle: no browser has it. */
export function browserModules(): Plugin {
  return {
    name: 'browser-modules',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source.startsWith('node:')) {
        throw new Error(`${importer ?? 'the page'} imports ${source}, which no browser has`);
      }
      return null;
    },
  };
}
