import {
  chooseRuntime,
  type ChosenRuntime,
  type DeviceOptions,
  type RuntimePurpose,
} from '../../diagnostics/choose-runtime.js';
import type { Architecture } from '../../models/denoiser-network.js';

const chosen = new Map<string, Promise<ChosenRuntime>>();

/** The runtime for a wish and a kind of network, tested and made once. */
export async function runtimeFor(
  options: DeviceOptions,
  architecture: Architecture,
  purpose: RuntimePurpose,
): Promise<ChosenRuntime> {
  const key = JSON.stringify([
    options,
    ...(options.device === 'cpu' || options.device === 'wasm' ? [] : [architecture, purpose]),
  ]);
  const known = chosen.get(key);
  if (known !== undefined) return await known;
  const choice = chooseRuntime(options, architecture, purpose);
  chosen.set(key, choice);
  choice.catch(() => chosen.delete(key));
  return await choice;
}
