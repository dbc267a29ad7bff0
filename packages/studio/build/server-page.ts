import { cpSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import type { Plugin } from 'vite';

/** What the studio's server takes from the packages in which it lies (packages/cli/src/studio/package-files.ts). */
const servedFromPackages = /^(models\/.*\.safetensors|data\/.*\.gz|onnxruntime\/.*\.wasm)$/;

/**
 * Copies the built page, which any web host can serve, to where the studio's server has it, without the files that this server
 * takes from other packages.
 */
export function serverPage(target: string): Plugin {
  let page = '';
  return {
    name: 'server-page',
    apply: 'build',
    configResolved(config) {
      page = config.build.outDir;
    },
    closeBundle() {
      rmSync(target, { recursive: true, force: true });
      cpSync(page, target, {
        recursive: true,
        filter: (path) => !servedFromPackages.test(relative(page, path).replaceAll('\\', '/')),
      });
    },
  };
}
