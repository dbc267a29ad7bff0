import type { RuntimeOptions } from '../../runtime/options.js';
import type { Runtime } from '../../runtime/types.js';
import { createNodeRuntime } from '../runtime/node.js';
import { choice, finite, options, signature } from '../../utils/arguments.js';
import { wasmPaths as wasmPathsShape } from '../../utils/argument-shapes.js';

const createRuntimeArguments = signature('createRuntime', {
  options: options({
    device: choice(['cpu', 'webgpu']).optional(),
    threads: finite.optional(),
    wasmPaths: wasmPathsShape,
  }),
});

/** The runtime of a process. @throws RuntimeError if the device is not available */
export async function createRuntime(wanted: RuntimeOptions = {}): Promise<Runtime> {
  createRuntimeArguments({ options: wanted });
  const { device = 'cpu', threads = 0 } = wanted;
  return await createNodeRuntime({ device, threads });
}
