import { isHubAddress, pinHubAddress } from 'ts-diffusion/node';
import type { TrainConfig } from 'ts-diffusion/train';
import { say } from '../output/say.js';

/**
 * A configuration whose data set of the Hub is that of one commit, so that the run's `config.json` names the same images for ever.
 *
 * @throws DataError where the Hub has no such data set, or cannot be reached
 */
export async function pinData(config: TrainConfig, signal: AbortSignal): Promise<TrainConfig> {
  const { data, offline } = config;
  if (data === undefined || !isHubAddress(data)) return config;
  return { ...config, data: await pinHubAddress(data, { kind: 'dataset', offline, signal, onMessage: say }) };
}
