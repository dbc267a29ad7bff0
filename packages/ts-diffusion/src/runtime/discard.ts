const { port1: closedPort } = new MessageChannel();
closedPort.close();

/**
 * Frees an array's memory at once; the array and all others on its buffer are empty afterwards. The garbage collector would
 * free it at a time of its own, and large arrays that are dropped often pile up until then. A buffer transferred to a closed
 * port leaves its owner and arrives nowhere: ES2024's `ArrayBuffer.transfer`, which would serve, is not in Node 20.
 */
export function discard(array: Float32Array<ArrayBuffer>): void {
  closedPort.postMessage(null, [array.buffer]);
}
