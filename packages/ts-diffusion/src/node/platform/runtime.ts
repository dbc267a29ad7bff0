import { checkRuntimeOptions, type RuntimeOptions } from '../../runtime/options.js';
import type { Runtime } from '../../runtime/types.js';
import { createNodeRuntime } from '../runtime/node.js';

/** The runtime of a process. @throws RuntimeError if the device is not available */
export async function createRuntime(wanted: RuntimeOptions = {}): Promise<Runtime> {
  checkRuntimeOptions({ options: wanted });
  const { device = 'cpu', threads = 0 } = wanted;
  return await createNodeRuntime({ device, threads });
}
