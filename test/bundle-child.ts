import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { sourceAliases } from './aliases.js';

/** Two folders above a bundle is the library's package, as it is above its sources: there it finds models and data. */
const CACHE = join(import.meta.dirname, '..', 'packages', 'ts-diffusion', '.cache');

/**
 * Bundles a program of the tests into one JavaScript file for the tests of a suite, which start it often: so it starts in
 * half the time that it takes from its sources. In it `import.meta.url` is the bundle's: it must not look for files beside its
 * sources. Call in the suite's body.
 *
 * @returns the path of the bundle, once the tests run
 */
export function bundledChild(path: string): () => string {
  let folder = '';
  const entryFileNames = `${basename(path, '.ts')}.mjs`;
  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    folder = mkdtempSync(join(CACHE, 'child-'));
    await build({
      configFile: false,
      logLevel: 'warn',
      resolve: { alias: sourceAliases },
      build: { ssr: path, outDir: folder, minify: false, rolldownOptions: { output: { entryFileNames } } },
    });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return () => join(folder, entryFileNames);
}
