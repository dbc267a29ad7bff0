import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { digits } from './build/digits.js';
import { sampling } from './build/sampling.js';
import { browserModules } from './build/browser-modules.js';

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Models keep their names and lie in `models/`. Plain web hosts do not know what an `.mjs` is. */
const rolldownOptions = {
  output: {
    assetFileNames: ({ names: [name = ''] }: { names: string[] }): string => {
      if (name.endsWith('.safetensors') || name === 'manifest.json') return 'models/[name][extname]';
      return name.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]';
    },
  },
};

/** The page as static files that work below any address of any web host. */
export default defineConfig({
  root: folder('.'),
  base: './',
  resolve: {
    // ONNX Runtime's own loader, which fetches its `.wasm` and starts its threads from the addresses it is given.
    conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'],
  },
  plugins: [browserModules(), sampling(), digits()],
  worker: { format: 'es', plugins: () => [browserModules()], rolldownOptions },
  build: {
    outDir: folder('../cli/dist/studio-page'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    rolldownOptions,
  },
});
