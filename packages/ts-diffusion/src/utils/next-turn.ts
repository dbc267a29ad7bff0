/** Lets everything else that waits (signals, timers, messages to a worker) have its turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { setImmediate: immediately } = globalThis as { setImmediate?: (callback: () => void) => void };
    if (immediately !== undefined) {
      immediately(resolve);
      return;
    }
    // Browsers have none, and their timers wait for some milliseconds.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
