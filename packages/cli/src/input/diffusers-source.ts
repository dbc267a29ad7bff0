import { ConfigError } from 'ts-diffusion/errors';

const HUB = 'hf:';

/**
 * The folder on this machine that an argument of `diffusion import` names.
 *
 * @throws ConfigError for a model of the Hub
 */
export function resolveDiffusersFolder(source: string): Promise<string> {
  if (!source.startsWith(HUB)) return Promise.resolve(source);
  throw new ConfigError(`${source}: models of the Hub are not downloaded here. Download the folder and give its path.`);
}
