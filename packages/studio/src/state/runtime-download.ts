import wasmBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { fetchBytes } from '../engine/fetch-bytes.js';
import type { DownloadProgress } from '../engine/protocol.js';

let started: Promise<unknown> | undefined;

/**
 * Downloads the runtime that every device needs into the browser's cache, where the worker finds it: the worker itself
 * cannot tell how much of it has arrived. Once per visit; where it fails, the worker says so.
 */
export function downloadRuntime(onProgress: (progress: DownloadProgress) => void): void {
  started ??= fetchBytes(new URL(wasmBinary, import.meta.url).href, onProgress).catch(() => undefined);
}
