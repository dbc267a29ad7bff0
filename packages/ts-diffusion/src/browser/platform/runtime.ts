import type { RuntimeOptions } from '../../runtime/options.js';
import type { Runtime } from '../../runtime/types.js';
import { createWebRuntime } from '../runtime/web.js';
import { choice, finite, options, signature } from '../../utils/arguments.js';
import { wasmPaths as wasmPathsShape } from '../../utils/argument-shapes.js';

const createRuntimeArguments = signature('createRuntime', {
  options: options({
    device: choice(['cpu', 'webgpu']).optional(),
    threads: finite.optional(),
    wasmPaths: wasmPathsShape,
  }),
});

/** The runtime of a page or worker. @throws RuntimeError if the device is not available */
export async function createRuntime(wanted: RuntimeOptions = {}): Promise<Runtime> {
  createRuntimeArguments({ options: wanted });
  const { device = 'cpu', threads = 0, wasmPaths } = wanted;
  return await createWebRuntime({
    device: device === 'cpu' ? 'wasm' : device,
    ...(threads > 0 && { threads }),
    ...(wasmPaths !== undefined && { wasmPaths }),
  });
}
