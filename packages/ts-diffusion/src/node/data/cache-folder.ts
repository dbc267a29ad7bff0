import { homedir } from 'node:os';
import { join } from 'node:path';
import { record, signature } from '../../utils/arguments.js';

const cacheFolderArguments = signature('cacheFolder', { environment: record });

/** Where downloads are kept: DIFFUSION_CACHE_DIR, default ~/.cache/ts-diffusion. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  cacheFolderArguments({ environment });
  return environment['DIFFUSION_CACHE_DIR'] || join(homedir(), '.cache', 'ts-diffusion');
}
