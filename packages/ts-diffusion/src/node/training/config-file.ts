import { readFileSync } from 'node:fs';
import { parseTrainConfigFile } from '../../training/resolve-config.js';
import type { TrainConfig } from '../../training/config.js';
import { ConfigError } from '../../utils/errors.js';
import { signature, text } from '../../utils/arguments.js';

const readTrainConfigFileArguments = signature('readTrainConfigFile', { path: text });

/**
 * Reads a JSON configuration file into a layer for `resolveTrainConfig`.
 *
 * @throws ConfigError when it cannot be read, or is not valid
 */
export function readTrainConfigFile(path: string): Partial<TrainConfig> {
  readTrainConfigFileArguments({ path });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${path}: the configuration file cannot be read (${(error as Error).message}).`);
  }
  return parseTrainConfigFile(text, path);
}
