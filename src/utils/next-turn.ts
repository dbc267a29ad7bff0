/** Lets everything else that waits (signals, timers, messages to a worker) have its turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // Browsers have no setImmediate, and Node's timers wait for a millisecond.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve);
  });
}
