import type { ToWorker } from '../worker/messages.js';
import { beWorker } from '../worker/host/be-worker.js';

const send = process.send?.bind(process);
if (send === undefined) {
  throw new Error('This file is what the workers of ts-diffusion/worker run: it is started by them, not by itself.');
}
beWorker({
  post: (message) => {
    // After the caller has gone there is nobody to tell.
    send(message, undefined, undefined, () => undefined);
  },
  onMessage: (listener) => {
    process.on('message', (message) => {
      listener(message as ToWorker);
    });
  },
});
process.on('disconnect', () => {
  process.exit();
});
// Ctrl-C goes to the whole group of processes. Whoever started this one decides when it ends.
process.on('SIGINT', () => undefined);
