import { checkRuntimeOptions, type RuntimeOptions } from '../../runtime/options.js';
import type { Runtime } from '../../runtime/types.js';
import { ConfigError } from '../../utils/errors.js';
import { createNodeRuntime } from '../runtime/node.js';

/** The runtime of a process. @throws RuntimeError if the device is not available, ConfigError for that of browsers, `wasm` */
export async function createRuntime(wanted: RuntimeOptions = {}): Promise<Runtime> {
  checkRuntimeOptions({ options: wanted });
  const { device = 'cpu', threads = 0 } = wanted;
  if (device === 'wasm') {
    throw new ConfigError("createRuntime: the device 'wasm' is one of browsers; Node computes on 'cpu' or 'webgpu'.");
  }
  return await createNodeRuntime({ device, threads });
}
