import cpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import cpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import webgpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import webgpuBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';

const absolute = (url: string): string => new URL(url, import.meta.url).href;

/** Where this page serves the files of ONNX Runtime. */
export const wasmPaths = {
  cpu: { mjs: absolute(cpuModule), wasm: absolute(cpuBinary) },
  webgpu: { mjs: absolute(webgpuModule), wasm: absolute(webgpuBinary) },
};
