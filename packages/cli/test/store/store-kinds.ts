import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactStore, StoredBlob } from '../../src/store/artifact-store.js';
import { FolderStore } from '../../src/store/folder-store.js';
import { S3Store } from '../../src/store/s3-store.js';
import { parseStoreAddress } from '../../src/store/store-address.js';
import { credentials, S3Server } from './s3-server.js';

/** A place of a kind that the contract tests run over. */
export interface StorePlace {
  /** Another connection to the place. */
  readonly open: () => Promise<ArtifactStore>;
  /** Replaces what is stored of a blob. */
  readonly damage: (blob: StoredBlob, bytes: Uint8Array) => Promise<void>;
  /** Replaces the text of a reference. */
  readonly damageReference: (key: string, text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** @param folder an empty one, for what it needs */
  readonly start: (folder: string) => Promise<StorePlace>;
}

export const storeKinds: readonly StoreKind[] = [
  {
    name: 'folder',
    start: (folder) => {
      const path = join(folder, 'store');
      return Promise.resolve({
        open: () => FolderStore.open(path),
        damage: ({ key, sha256 }, bytes) => {
          writeFileSync(join(path, 'blobs', key, sha256), bytes);
          return Promise.resolve();
        },
        damageReference: (key, text) => {
          writeFileSync(join(path, 'references', key, '00000001.json'), text);
          return Promise.resolve();
        },
        stop: () => Promise.resolve(),
      });
    },
  },
  {
    name: 'S3',
    start: async () => {
      const server = await S3Server.start();
      Object.assign(process.env, credentials);
      return {
        open: () => openS3(server),
        damage: ({ key, sha256 }, bytes) => server.overwrite(`some/prefix/blobs/${key}/${sha256}`, bytes),
        damageReference: (key, text) =>
          server.overwrite(`some/prefix/references/${key}.json`, new TextEncoder().encode(text)),
        stop: () => server.stop(),
      };
    },
  },
];

/** A store in the bucket of a server. */
export function openS3({ endpoint }: Pick<S3Server, 'endpoint'>, bucket = 'bucket'): Promise<S3Store> {
  const address = parseStoreAddress(`s3://${bucket}/some/prefix?endpoint=${endpoint}`);
  if (address.kind !== 's3') throw new Error('not an address of S3');
  return S3Store.open(address, { patienceMs: 60_000, idleMs: 10_000 });
}
