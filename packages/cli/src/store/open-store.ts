import type { ArtifactStore } from './artifact-store.js';
import { parseStoreAddress } from './store-address.js';

/**
 * Opens the store of an address, `s3://BUCKET/PREFIX` or a folder, and checks that it can be used.
 *
 * @throws ConfigError for an address that is none, StoreError and WriteError for a store that cannot be used
 */
export async function openStore(address: string): Promise<ArtifactStore> {
  const parsed = parseStoreAddress(address);
  // The client of S3 takes a second to load.
  if (parsed.kind === 's3') return (await import('./s3-store.js')).S3Store.open(parsed);
  return (await import('./folder-store.js')).FolderStore.open(parsed.path);
}
