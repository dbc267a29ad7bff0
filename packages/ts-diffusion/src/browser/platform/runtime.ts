import { checkRuntimeOptions, type RuntimeOptions } from '../../runtime/options.js';
import type { Runtime } from '../../runtime/types.js';
import { createWebRuntime } from '../runtime/web.js';

/** The runtime of a page or worker. @throws RuntimeError if the device is not available */
export async function createRuntime(wanted: RuntimeOptions = {}): Promise<Runtime> {
  checkRuntimeOptions({ options: wanted });
  const { device = 'cpu', threads = 0, wasmPaths } = wanted;
  return await createWebRuntime({
    device: device === 'cpu' ? 'wasm' : device,
    ...(threads > 0 && { threads }),
    ...(wasmPaths !== undefined && { wasmPaths }),
  });
}
