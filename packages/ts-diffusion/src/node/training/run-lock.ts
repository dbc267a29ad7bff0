import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { RunFolderError } from '../../training/errors.js';
import { newHolder, parseHolder, stateOf, type Holder } from './lock-holder.js';
import { flag, options as fields, signature, text } from '../../utils/arguments.js';

export type { Holder } from './lock-holder.js';

const acquireArguments = signature('RunLock.acquire', {
  path: text,
  options: fields({
    takeOver: flag.optional(),
    purpose: fields({ activity: text, afterLoss: text }).optional(),
    replaces: text.optional(),
  }),
});

/** What file systems without hard links (FAT, some network drives) answer. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** What a lock is for, in the sentences that refuse it. */
export interface LockPurpose {
  /** What its holder does in the folder, e.g. `training`. */
  readonly activity: string;
  /** What to do where the lock was lost. */
  readonly afterLoss: string;
}

/** How a lock is taken. */
export interface RunLockOptions {
  /** Also from a process of which this machine cannot tell whether it still runs; default false. */
  readonly takeOver?: boolean | undefined;
  /** Default: to train. */
  readonly purpose?: LockPurpose | undefined;
  /** Also from the holder with this nonce, though it runs; `verify` tells it. */
  readonly replaces?: string | undefined;
}

const TRAINING: LockPurpose = {
  activity: 'training',
  afterLoss: 'Resume the run in the folder of its checkpoints (--resume), or train in another folder.',
};

/**
 * The right to train, or to do something else, in a folder: a file in it that names this process. It is published whole, by a hard link, so that nobody
 * reads half of it, and it holds a nonce by which `verify` knows it again.
 */
export class RunLock {
  #released = false;

  private constructor(
    readonly path: string,
    private readonly folder: string,
    private readonly text: string,
    private readonly forget: () => void,
    private readonly purpose: LockPurpose,
  ) {}

  /**
   * Takes the lock at `path`, also from a process that no longer runs. Of two that do so at the same moment one gets it, or
   * one finds by `verify` that it has lost it.
   *
   * @throws RunFolderError when somebody else holds the lock, it cannot be read, or there is no such folder
   */
  static acquire(path: string, options: RunLockOptions = {}): RunLock {
    acquireArguments({ path, options });
    const { takeOver = false, purpose = TRAINING, replaces } = options;
    const folder = existingFolder(path);
    const { holder: mine, forget } = newHolder(folder);
    const text = JSON.stringify(mine);
    try {
      while (!publish(path, text, `${path}.${mine.nonce}`)) {
        const found = readLock(path);
        if (found === undefined) {
          existingFolder(path);
          continue;
        }
        const holder = parseHolder(found);
        const state = holder === undefined ? 'dead' : stateOf(holder, folder);
        const isReplaced = replaces !== undefined && holder?.nonce === replaces;
        const isHeld = state === 'alive' || (state === 'unknown' && !takeOver);
        if (holder !== undefined && !isReplaced && isHeld) {
          throw heldBy(holder, state, path, purpose);
        }
        removeStale(path, found, `${path}.${mine.nonce}`);
      }
    } catch (error) {
      forget();
      throw error;
    }
    return new RunLock(path, folder, text, forget, purpose);
  }

  /** @throws RunFolderError when the lock is no longer this one: from then on this process must not write in the folder */
  verify(): void {
    const loss = this.#released ? 'it was released' : this.#loss();
    if (loss === undefined) return;
    throw new RunFolderError(
      `${dirname(this.path)}: this process, ${this.purpose.activity} here, lost the lock of its folder (${loss}) and stopped writing there. ` +
        this.purpose.afterLoss,
    );
  }

  /**
   * Writes while the lock is this one. A machine that sleeps in the middle finds another's lock afterwards, and its own temporary file
   * removed: it is told of the lock.
   *
   * @param write given what it is to call between writing a file and its name, see `replaceFile`
   * @throws RunFolderError as `verify`, and what `write` throws
   */
  whileHeld(write: (confirm: () => void) => void): void {
    const confirm = (): void => {
      this.verify();
    };
    confirm();
    try {
      write(confirm);
    } catch (error) {
      confirm();
      throw error;
    }
  }

  /** Lets others train in the folder. A lock that is no longer this one stays. */
  release(): void {
    if (this.#released) return;
    if (this.#loss() === undefined) rmSync(this.path, { force: true });
    this.#released = true;
    this.forget();
  }

  #loss(): string | undefined {
    const folder = folderIdentity(dirname(this.path));
    if (folder === undefined) return 'the folder was removed or renamed';
    if (folder !== this.folder) return 'another folder is in its place';
    const found = readLock(this.path);
    if (found === this.text) return undefined;
    if (found === undefined) return 'the lock was removed';
    const holder = parseHolder(found);
    return holder === undefined ? 'the lock was overwritten' : `process ${holder.pid} on ${holder.host} took it over`;
  }
}

const lockHolderArguments = signature('lockHolder', { path: text });

/** Who holds the lock at `path`, unless that process is known to run no longer. Whatever cannot be read is held by nobody. */
export function lockHolder(path: string): Holder | undefined {
  lockHolderArguments({ path });
  try {
    const holder = parseHolder(readLock(path) ?? '');
    return holder !== undefined && stateOf(holder, folderIdentity(dirname(path)) ?? '') !== 'dead' ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** @param temporary a name in the same folder for the file that is linked @returns whether the lock was free */
function publish(path: string, text: string, temporary: string): boolean {
  try {
    writeFileSync(temporary, text);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NO_LINKS.has(code)) return createExclusively(path, text);
    // ENOENT: who holds the lock has tidied up the folder.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function createExclusively(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock that says `text`, and no other: one that somebody has published since is put back. */
function removeStale(path: string, text: string, aside: string): void {
  try {
    renameSync(path, aside);
    if (readLock(aside) !== text) linkSync(aside, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The text of a lock; undefined where there is none. */
function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new RunFolderError(
      `${path}: the lock file of the run cannot be read (${message}). Remove it, or choose another folder.`,
    );
  }
}

/** Device and inode; undefined where there is no such folder. */
function folderIdentity(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** The identity of the folder of a lock. @throws RunFolderError where there is none */
function existingFolder(path: string): string {
  const folder = folderIdentity(dirname(path));
  if (folder === undefined) throw new RunFolderError(`${dirname(path)}: there is no such folder to lock.`);
  return folder;
}

function heldBy(
  { pid, host, since }: Holder,
  state: 'alive' | 'unknown',
  path: string,
  { activity }: LockPurpose,
): RunFolderError {
  const folder = dirname(path);
  const began = since === undefined ? '' : `, since ${since}`;
  if (state === 'unknown') {
    return new RunFolderError(
      `${path}: process ${pid} on ${host} locked this folder${began}, and this machine cannot check whether it is still running. ` +
        'If it has ended, add --take-over or delete this file; otherwise wait for it or choose another folder.',
    );
  }
  return new RunFolderError(
    pid === process.pid
      ? `${folder}: this process is already ${activity} in this folder. Wait for it or choose another folder.`
      : `${path}: process ${pid} on ${host} is ${activity} in this folder${began}. Wait for it, stop it (Ctrl-C there), or choose another folder.`,
  );
}
