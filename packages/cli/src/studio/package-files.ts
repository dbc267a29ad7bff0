import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/**
 * Files that the page asks for and that lie in other packages, so that this one has no second copy of them: models and digits of
 * the library, WebAssembly of ONNX Runtime. Path on this machine by address.
 */
export function packageFiles(): ReadonlyMap<string, string> {
  const library = dirname(resolve('ts-diffusion/package.json'));
  const filesOf = (name: string, folder: string, extension: string): [address: string, path: string][] =>
    readdirSync(folder)
      .filter((file) => file.endsWith(extension))
      .map((file) => [`/${name}/${file}`, join(folder, file)]);
  return new Map([
    ...filesOf('models', join(library, 'models'), '.safetensors'),
    ...filesOf('data', join(library, 'data'), '.gz'),
    ...filesOf('onnxruntime', dirname(resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')), '.wasm'),
  ]);
}
