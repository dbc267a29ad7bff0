import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ArtifactStore, type StoredBlob, StaleWriterError } from './artifact-store.js';

/** Inside the folder it belongs to on every system: relative, parted by `/`, no `..`. */
export const innerPath = z.string().regex(/^(?!\.{1,2}(\/|$))[^/\\\0]+(\/(?!\.{1,2}(\/|$))[^/\\\0]+)*$/);

const referenceSchema = z.strictObject({
  format: z.literal(2),
  /** Random, so that no two references are equal. */
  nonce: z.string(),
  finished: z.boolean(),
  files: z.array(z.strictObject({ path: innerPath, size: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** A file of something published. */
export interface PublishedFile {
  /** As seen from the folder of the sweep, with `/` on every system. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** What a key stands for at one moment. */
export interface Published {
  readonly key: string;
  readonly version: string;
  /** Whether it is the whole result of its task; otherwise what that goes on from. */
  readonly finished: boolean;
  readonly files: readonly PublishedFile[];
}

/** What is there under a key; a reference that cannot be read is one without files. */
export async function readPublished(store: ArtifactStore, key: string): Promise<Published | undefined> {
  const found = await store.readReference(key);
  if (found === undefined) return undefined;
  const { finished, files } = parse(found.text) ?? { finished: false, files: [] };
  return { key, version: found.version, finished, files };
}

/**
 * Writes a reference over the version that is known.
 *
 * @throws StaleWriterError where another writer was faster
 */
export async function replacePublished(
  store: ArtifactStore,
  next: Omit<Published, 'version'>,
  expected: string | undefined,
): Promise<Published> {
  const { key, finished, files } = next;
  const text = `${JSON.stringify({ format: 2, nonce: randomUUID(), finished, files })}\n`;
  const version = await store.writeReference(key, text, expected);
  if (version === undefined) throw new StaleWriterError(store.name, key);
  return { ...next, version };
}

export const blobOf = (key: string, { sha256, size }: PublishedFile): StoredBlob => ({ key, sha256, size });

function parse(text: string): z.infer<typeof referenceSchema> | undefined {
  try {
    return referenceSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
