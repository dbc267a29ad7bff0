import { RuntimeError } from './types.js';

/** Memory has run out. WebAssembly gives none back until its worker or page ends. */
export class OutOfMemoryError extends RuntimeError {
  override readonly name = 'OutOfMemoryError';
}

const OUT_OF_MEMORY =
  /bad_alloc|out of memory|OOM|Array buffer allocation failed|memory\.grow|Invalid typed array length/i;

/** An `OutOfMemoryError` for an error that says so in the words of ONNX Runtime or of a JavaScript engine; others as they are. */
export function namingOutOfMemory(error: unknown): unknown {
  if (error instanceof OutOfMemoryError || !(error instanceof Error) || !OUT_OF_MEMORY.test(error.message))
    return error;
  return new OutOfMemoryError(error.message, { cause: error });
}
