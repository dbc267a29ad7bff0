import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from 'ts-diffusion/errors';
import { writeFileAtomic } from 'ts-diffusion/node';
import { ID_FILE } from '../queue/shared-folder.js';
import type { ArtifactStore } from './artifact-store.js';

const KEY = 'folder-id';

/** By what a store is known again, whatever its address is on a machine. @param proposal its id where it has none yet */
export async function identityOf(store: ArtifactStore, proposal: string = randomUUID()): Promise<string> {
  const found = (await store.readReference(KEY))?.text;
  if (found !== undefined) return found;
  await store.writeReference(KEY, proposal, undefined);
  return identityOf(store, proposal);
}

/**
 * Makes a folder that of the sweep in a store: the folder on the machine of the coordinator, which may be a new one.
 *
 * @throws ConfigError where the folder is that of another sweep
 */
export async function joinStore(store: ArtifactStore, folder: string): Promise<void> {
  const file = join(folder, ID_FILE);
  const own = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  const id = await identityOf(store, own);
  if (own === undefined) writeFileAtomic(file, `${id}\n`);
  else if (own !== id) {
    throw new ConfigError(
      `${folder} is the folder of another sweep than ${store.name} (${ID_FILE}: ${own}, there ${id}); give another --out or another --store.`,
    );
  }
}
