import { isHubAddress, pinHubAddress } from 'ts-diffusion/node';
import type { TrainConfig } from 'ts-diffusion/train';
import { say } from '../output/say.js';

/**
 * The field `data` of a configuration whose data set is of the Hub, as that of one commit, so that the run's `config.json` names the
 * same images for ever.
 *
 * @param config not checked yet
 * @returns no field for other data; undefined when the signal was aborted meanwhile
 * @throws DataError where the Hub has no such data set, or cannot be reached
 */
export async function pinnedData(
  config: { readonly data?: unknown; readonly offline?: unknown },
  signal: AbortSignal,
): Promise<Partial<Pick<TrainConfig, 'data'>> | undefined> {
  const { data } = config;
  if (typeof data !== 'string' || !isHubAddress(data)) return {};
  try {
    const offline = config.offline === true;
    return { data: await pinHubAddress(data, { kind: 'dataset', offline, signal, onMessage: say }) };
  } catch (error) {
    if (signal.aborted && (error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}
