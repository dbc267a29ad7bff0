import type { LoadProgress } from 'ts-diffusion/worker';
import { wasmPaths } from '../engine/wasm-paths.js';

let started: Promise<void> | undefined;

/**
 * Downloads the runtime that every device needs into the browser's cache, where the worker finds it: the worker itself
 * cannot tell how much of it has arrived. Once per visit; where it fails, the worker says so.
 */
export function downloadRuntime(onProgress: (progress: LoadProgress) => void): void {
  started ??= download(wasmPaths.cpu.wasm, onProgress).catch(() => undefined);
}

async function download(url: string, onProgress: (progress: LoadProgress) => void): Promise<void> {
  const { ok, headers, body } = await fetch(url);
  if (!ok || body === null) return;
  const announced = Number(headers.get('Content-Length') ?? 0);
  let loaded = 0;
  for (const reader = body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return;
    loaded += value.length;
    onProgress({ loaded, total: Math.max(announced, loaded) });
  }
}
