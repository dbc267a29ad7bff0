import { type ArtifactStore, StaleWriterError } from './artifact-store.js';
import { eachOf } from './each-of.js';
import { blobOf, type Published, type PublishedFile, readPublished, replacePublished } from './published.js';
import { hashFile } from './verified-file.js';

/** A file to be published. */
export interface LocalFile {
  /** Where it is on this machine. */
  readonly at: string;
  /** As seen from the folder of the sweep, with `/` on every system. */
  readonly path: string;
}

/**
 * The right to publish under a key. Taking it makes a new version of the reference, which refuses every writer that has taken it before:
 * one that lost its job, and does not know it, overwrites nothing. The store counts the versions, so that no clock decides.
 */
export class Claim {
  private constructor(
    private readonly store: ArtifactStore,
    private current: Published,
  ) {}

  /** Takes it from whoever has it: only for a writer that knows that it has the job now. */
  static async take(store: ArtifactStore, key: string): Promise<Claim> {
    for (;;) {
      const found = await readPublished(store, key);
      const { finished = false, files = [] } = found ?? {};
      try {
        return new Claim(store, await replacePublished(store, { key, finished, files }, found?.version));
      } catch (error) {
        if (!(error instanceof StaleWriterError)) throw error;
      }
    }
  }

  /** What is there under the key. */
  get published(): Published {
    return this.current;
  }

  /**
   * Publishes files: first those that are not there, then the reference. What it referred to before and does no more is removed.
   *
   * @param finished whether they are the whole result
   * @throws StaleWriterError where the claim is lost; what others published stays
   */
  async publish(sources: readonly LocalFile[], finished: boolean, signal?: AbortSignal): Promise<void> {
    const { key, files: before } = this.current;
    const files = await eachOf(sources, async ({ at, path }): Promise<PublishedFile> => {
      const file = { path, ...(await hashFile(at)) };
      const blob = blobOf(key, file);
      if (!(await this.store.hasBlob(blob, signal))) await this.store.sendBlob(blob, at, signal);
      return file;
    });
    this.current = await replacePublished(this.store, { key, finished, files }, this.current.version);
    const kept = new Set(files.map(({ sha256 }) => sha256));
    await eachOf(
      before.filter(({ sha256 }) => !kept.has(sha256)),
      (file) => this.store.removeBlob(blobOf(key, file)),
    );
  }
}

/** Removes what is published under a key, which nobody needs any more. */
export async function unpublish(store: ArtifactStore, key: string): Promise<void> {
  const published = await readPublished(store, key);
  if (published === undefined) return;
  await store.removeReference(key);
  await eachOf(published.files, (file) => store.removeBlob(blobOf(key, file)));
}

/** Forgets what is published under a key, since a blob of it is damaged: it is then made again. */
export async function invalidate(store: ArtifactStore, published: Published): Promise<void> {
  const { key, files, version } = published;
  try {
    await replacePublished(store, { key, finished: false, files: [] }, version);
  } catch (error) {
    // Somebody has published anew meanwhile.
    if (error instanceof StaleWriterError) return;
    throw error;
  }
  await eachOf(files, (file) => store.removeBlob(blobOf(key, file)));
}
