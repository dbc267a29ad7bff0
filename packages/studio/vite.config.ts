import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { sampling } from './build/sampling.js';
import { browserModules } from './build/browser-modules.js';
import { serverPage } from './build/server-page.js';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Files of other packages, under the addresses at which the studio's server has them too. */
const packageFolders: Readonly<Record<string, string>> = {
  '.safetensors': 'models',
  '.gz': 'data',
  '.wasm': 'onnxruntime',
};

function assetFileNames({ names: [name = ''] }: { names: string[] }): string {
  const extension = extname(name);
  const packageFolder = name === 'manifest.json' ? 'models' : packageFolders[extension];
  if (packageFolder !== undefined) return `${packageFolder}/[name][extname]`;
  // Plain web hosts do not know what an `.mjs` is.
  return extension === '.mjs' ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]';
}

// A slow machine is no reason for a warning.
const rolldownOptions = { output: { assetFileNames }, checks: { bundlerTimings: false } };

/** The page as static files that work below any address of any web host. */
export default defineConfig({
  root: folder('.'),
  base: './',
  resolve: {
    // ONNX Runtime's own loader, which fetches its `.wasm` and starts its threads from the addresses it is given.
    conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'],
  },
  plugins: [browserModules(), sampling(), serverPage(folder('../cli/dist/studio-page'))],
  worker: { format: 'es', plugins: () => [browserModules()], rolldownOptions },
  build: {
    outDir: folder('dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions,
  },
});
