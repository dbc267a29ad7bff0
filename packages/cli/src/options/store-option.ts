import { Option } from 'commander';
import { ConfigError } from 'ts-diffusion/errors';
import type { ArtifactStore } from '../store/artifact-store.js';

/** `--store <address>`, or the environment variable. @param about what it does here */
export const storeOption = (about: string): Option => new Option('--store <address>', about).env('DIFFUSION_STORE');

/** @returns undefined where no store is named. @throws as `openStore` */
export async function optionalStore(address: string | undefined): Promise<ArtifactStore | undefined> {
  if (address === undefined) return undefined;
  const { openStore } = await import('../store/open-store.js');
  return openStore(address);
}

/** @throws ConfigError for a store without a queue */
export function checkStoreHasQueue(store: string | undefined, queue: string | undefined): void {
  if (store === undefined || (queue !== undefined && queue !== '')) return;
  throw new ConfigError(
    '--store is where the workers of a queue leave what they make; give --queue as well, or leave it out.',
  );
}
