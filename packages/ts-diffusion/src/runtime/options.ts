import { finite, options, signature } from '../utils/arguments.js';
import { device, wasmPaths } from '../utils/argument-shapes.js';
import type { DeviceName } from './types.js';

/** Where and how programs run, in Node and in a browser alike. */
export interface RuntimeOptions {
  /**
   * `cpu` (default): native threads in Node, WebAssembly in a browser. `webgpu`: the GPU; refused with a RuntimeError where there is
   * none. `wasm`: WebAssembly, refused with a ConfigError in Node.
   */
  readonly device?: DeviceName | undefined;
  /**
   * Threads of one program on the cpu; 0 or absent: one per physical core (Node), or one per logical processor and at most 4 (browser).
   * A page that is not cross-origin isolated (headers COOP and COEP) has one thread.
   */
  readonly threads?: number | undefined;
  /**
   * Browser only: where ONNX Runtime's `.wasm` and `.mjs` files are served, as a folder or one address each; default: beside the
   * script that contains the library.
   */
  readonly wasmPaths?: string | WasmFiles | undefined;
}

/** Addresses of ONNX Runtime's WebAssembly: the binary, and the module that loads it. */
export interface WasmFiles {
  readonly wasm?: string;
  readonly mjs?: string;
}

/** Of `createRuntime`, in Node and in browsers alike. */
export const checkRuntimeOptions = signature('createRuntime', {
  options: options({
    device: device.optional(),
    threads: finite.optional(),
    wasmPaths,
  }),
});
