import type { RuntimeOptions } from '../../runtime/options.js';
import type { Runtime } from '../../runtime/types.js';
import { createNodeRuntime } from '../runtime/node.js';

/** The runtime of a process. @throws RuntimeError if the device is not available */
export function createRuntime({ device = 'cpu', threads = 0 }: RuntimeOptions = {}): Promise<Runtime> {
  return createNodeRuntime({ device, threads });
}
