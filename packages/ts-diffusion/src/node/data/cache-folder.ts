import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads are kept: DIFFUSION_CACHE_DIR, default ~/.cache/ts-diffusion. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['DIFFUSION_CACHE_DIR'] || join(homedir(), '.cache', 'ts-diffusion');
}
