import type { WorkerConnection, WorkerHandle, WorkerListener } from '../worker/connection.js';
import type { FromWorker } from '../worker/messages.js';

/** Modules that a worker imports by their names, and may not find without the page's import map. */
const NAMED_MODULES = ['onnxruntime-web/wasm', 'onnxruntime-web/webgpu'];

/** Starts the library's Web Worker, or listens to the one that `create` starts. */
export function startWorker(
  { onMessage, onEnd }: WorkerListener,
  create: () => WorkerHandle = packagedWorker,
): WorkerConnection {
  const worker = create() as Worker;
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    // A worker that ends by itself sends no event, but the lock that it holds is free again.
    if (data.type === 'lock')
      void navigator.locks.request(data.name, () => {
        onEnd('it closed');
      });
    else onMessage(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onEnd(event.message || 'its script cannot be loaded or has failed');
  };
  worker.onmessageerror = () => {
    onEnd('it sent what cannot be read');
  };
  worker.postMessage({ type: 'begin', modules: addresses() });
  return {
    post: (message, transfer = []) => {
      worker.postMessage(message, [...transfer]);
    },
    keepAlive: () => undefined,
    terminate: () => {
      worker.terminate();
    },
  };
}

function packagedWorker(): Worker {
  return new Worker(new URL('./worker-thread.js', import.meta.url), { type: 'module' });
}

function addresses(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of NAMED_MODULES) {
    try {
      found[name] = import.meta.resolve(name);
    } catch {
      // The page has no such name in its import map either, or an old browser: the worker's own import says what is wrong.
    }
  }
  return found;
}
