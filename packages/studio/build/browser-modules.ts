import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Modules that only Node can run, or that the page has no use for, and what a browser has in their place. */
const replacements: Readonly<Record<string, string>> = {
  'src/utils/sha256.ts': 'web/src/engine/sha256.ts',
  // `DiffusionPipeline.load` and `Classifier.load` read files; the page fetches them instead.
  'src/evaluation/read-classifier.ts': 'web/src/engine/only-in-node.ts',
  'src/pipeline/load-model.ts': 'web/src/engine/only-in-node.ts',
  'src/runtime/node.ts': 'web/src/engine/only-in-node.ts',
  'node_modules/@observablehq/plot/src/projection.js': 'web/src/components/no-projection.ts',
};

/** Packages that others ask for and can do without. */
const omitted: Readonly<Record<string, string>> = { long: 'web/src/engine/no-long.ts' };

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
