import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Modules that only Node can run, or that the page has no use for, and what a browser has in their place. */
const replacements: Readonly<Record<string, string>> = {
  'node_modules/@observablehq/plot/src/projection.js': 'packages/studio/src/components/no-projection.ts',
};

/** Packages that others ask for and can do without. */
const omitted: Readonly<Record<string, string>> = { long: 'packages/studio/src/engine/no-long.ts' };

/** Keeps Node's modules out of the bundle, and fails the build when one gets in. */
export function browserModules(): Plugin {
  return {
    name: 'browser-modules',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (source.startsWith('node:')) {
        throw new Error(`${importer ?? 'the page'} imports ${source}, which no browser has`);
      }
      const stub = omitted[source];
      if (stub !== undefined) return root + stub;
      if (!source.startsWith('.')) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      const replacement = resolved && replacements[resolved.id.slice(root.length)];
      return replacement === undefined || replacement === null ? null : root + replacement;
    },
  };
}
