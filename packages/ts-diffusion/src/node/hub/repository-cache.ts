import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from '../../utils/errors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../formats/read-json.js';
import { isCommit } from './hub-address.js';
import type { RepositoryKind } from './hub-connection.js';

/** As the Hub lists a file, and as it is remembered. */
export const fileSchema = z.strictObject({
  /** Relative to the repository, with slashes. */
  path: z.string().refine(isInside),
  size: z.int().min(0),
  /** SHA-256 of a large file (LFS), or the hash of git's blob (SHA-1) of another. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  blob: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
});
const listingSchema = z.strictObject({ files: z.array(fileSchema) });

/** A file of a repository at one commit. */
export type RepositoryFile = z.infer<typeof fileSchema>;

/** Whether a path leads nowhere but below the folder that it is relative to, and has no control characters. */
export function isInside(path: string): boolean {
  return !/^$|^[/~]|[\\:\p{Cc}]|(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\/$/u.test(path);
}

/**
 * A repository of the Hub in the cache: `hub/datasets--OWNER--NAME/COMMIT/` holds the files of a commit, each complete or not there;
 * `COMMIT.json` what files the commit has; `refs/REVISION.json` the commit that a branch or tag was when it was last asked for.
 */
export class RepositoryCache {
  readonly #folder: string;

  constructor(cache: string, kind: RepositoryKind, name: string) {
    this.#folder = join(cache, 'hub', `${kind}s--${name.replace('/', '--')}`);
  }

  /** Where the files of a commit are. */
  folder(commit: string): string {
    return join(this.#folder, commit);
  }

  /** The commit that a branch or tag was; undefined where it was never asked for. */
  commitOf(revision: string): string | undefined {
    try {
      const commit = readFileSync(this.#ref(revision), 'utf8').trim();
      return isCommit(commit) ? commit : undefined;
    } catch {
      return undefined;
    }
  }

  rememberCommit(revision: string, commit: string): void {
    writeFileAtomic(this.#ref(revision), `${commit}\n`);
  }

  /** The files of a commit; undefined where they are not known, or what is known is damaged. */
  listing(commit: string): readonly RepositoryFile[] | undefined {
    const path = `${this.folder(commit)}.json`;
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
    try {
      return listingSchema.safeParse(readJsonFile(path)).data?.files;
    } catch (error) {
      if (error instanceof DataError) return undefined;
      throw error;
    }
  }

  rememberListing(commit: string, files: readonly RepositoryFile[]): void {
    writeFileAtomic(`${this.folder(commit)}.json`, `${JSON.stringify({ files })}\n`);
  }

  /** Whether a file of a commit is there. */
  has(commit: string, { path, size }: RepositoryFile): boolean {
    return statSync(join(this.folder(commit), path), { throwIfNoEntry: false })?.size === size;
  }

  #ref(revision: string): string {
    return join(this.#folder, 'refs', encodeURIComponent(revision));
  }
}
