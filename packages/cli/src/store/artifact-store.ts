import { UserError } from 'ts-diffusion/errors';

/** The content of a file, addressed by its hash. */
export interface StoredBlob {
  /** The reference that it belongs to: blobs of a reference are removed with what they were part of. */
  readonly key: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** A small text under a name. */
export interface StoredReference {
  readonly text: string;
  /** Differs after each write. */
  readonly version: string;
}

/**
 * A place that all machines of a sweep reach. Files are blobs, which are written once and checked by their hash at each reading; small
 * references say which blobs make a folder, and are written last, so that a reader sees a folder whole or not at all. What fails for a
 * moment is tried again inside.
 *
 * Keys are made of letters, digits, `.`, `_` and `-`. Every method throws `StoreError` when the place cannot be used, and the signal's
 * reason when that is aborted.
 */
export interface ArtifactStore {
  /** For people: `s3://bucket/prefix`, or the path of the folder. */
  readonly name: string;
  /** Whether a blob of that size is there; its content is checked at reading. */
  readonly hasBlob: (blob: StoredBlob, signal?: AbortSignal) => Promise<boolean>;
  /**
   * Stores the content of a file, over a damaged blob too. Of several writers at once each succeeds, and no reader sees a part.
   *
   * @throws ChangedFileError where the file is not what the blob's hash says
   */
  readonly sendBlob: (blob: StoredBlob, path: string, signal?: AbortSignal) => Promise<void>;
  /**
   * Writes the content of a blob to a file, atomically.
   *
   * @throws DamagedBlobError where it is missing, or not what its hash says; the file is then as it was
   */
  readonly fetchBlob: (blob: StoredBlob, path: string, signal?: AbortSignal) => Promise<void>;
  readonly removeBlob: (blob: StoredBlob) => Promise<void>;
  readonly readReference: (key: string) => Promise<StoredReference | undefined>;
  /**
   * Writes a reference if nobody has written it since.
   *
   * @param expected the version that is replaced; undefined: there is none yet
   * @returns the new version; undefined, and nothing is changed, where another writer was faster
   */
  readonly writeReference: (key: string, text: string, expected: string | undefined) => Promise<string | undefined>;
  /** Nothing happens where there is none. */
  readonly removeReference: (key: string) => Promise<void>;
  /** Lets go of connections. */
  readonly close: () => void;
}

/** A store that cannot be used: out of reach, refused, full, of the wrong kind. */
export class StoreError extends UserError {
  override readonly name: string = 'StoreError';
}

/** A blob that is missing or damaged. */
export class DamagedBlobError extends StoreError {
  override readonly name = 'DamagedBlobError';

  constructor(
    store: string,
    readonly blob: StoredBlob,
    what: string,
  ) {
    super(`${store}: the file with the SHA-256 ${blob.sha256} of ${blob.key} ${what}; it has to be made again.`);
  }
}

/** A file that was changed while it was sent. */
export class ChangedFileError extends StoreError {
  override readonly name = 'ChangedFileError';

  constructor(path: string) {
    super(`${path} was changed while it was sent to the store; send it again when nothing writes it.`);
  }
}

/** Thrown to a writer whose place was taken by another one. */
export class StaleWriterError extends StoreError {
  override readonly name = 'StaleWriterError';

  constructor(store: string, key: string) {
    super(`${store}: ${key} was taken over by another worker; what this one made of it is not stored.`);
  }
}
