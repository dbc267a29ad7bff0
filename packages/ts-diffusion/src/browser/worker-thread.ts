import type { FromWorker, ToWorker } from '../worker/messages.js';
import { beWorker } from '../worker/host/be-worker.js';

/** A worker's own scope, of which the types of a page know nothing. */
const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, options: StructuredSerializeOptions): void;
};

beWorker({
  post: (message, transfer = []) => {
    scope.postMessage(message, { transfer: [...transfer] });
  },
  onMessage: (listener) => {
    scope.onmessage = ({ data }) => {
      listener(data);
    };
  },
});

// Where the page is not served securely there are no locks to watch.
if ('locks' in navigator) {
  const name = `ts-diffusion-${crypto.randomUUID()}`;
  void navigator.locks.request(name, () => {
    scope.postMessage({ type: 'lock', name }, {});
    return new Promise(() => undefined);
  });
}
