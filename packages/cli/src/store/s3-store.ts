import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WriteError } from 'ts-diffusion/errors';
import {
  type ArtifactStore,
  type StoredBlob,
  ChangedFileError,
  DamagedBlobError,
  StoreError,
  type StoredReference,
} from './artifact-store.js';
import { PassingError, patiently } from './patience.js';
import { s3Error, type S3Place, statusOf } from './s3-errors.js';
import type { StoreAddress } from './store-address.js';
import { writeVerified } from './verified-file.js';
import { OtherContentError, VerifiedStream } from './verified-stream.js';

export interface S3Options {
  /** How long a server that does not answer, or answers 5xx, is asked again, in milliseconds. Default: 2 minutes. */
  readonly patienceMs?: number;
  /** A connection on which nothing moves for so long is given up, in milliseconds. Default: a minute. */
  readonly idleMs?: number;
}

type S3Address = Extract<StoreAddress, { readonly kind: 's3' }>;

const PATIENCE_MS = 120_000;
const IDLE_MS = 60_000;
const CONNECT_MS = 10_000;
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;
/** Two conditional writes of the same object at once: the other one may still fail. */
const CONFLICT = 409;
/** More needs an upload in parts. */
const LARGEST_BLOB = 5 * 2 ** 30;

/**
 * A bucket of Amazon S3 or of a server with the same interface: objects `PREFIX/blobs/KEY/HASH` and `PREFIX/references/KEY.json`. The server
 * has to know conditional writes (If-None-Match, If-Match), by which references are replaced.
 */
export class S3Store implements ArtifactStore {
  readonly name: string;
  readonly #client: S3Client;
  readonly #place: S3Place;
  readonly #patienceMs: number;

  private constructor(
    private readonly address: S3Address,
    { patienceMs = PATIENCE_MS, idleMs = IDLE_MS }: S3Options,
  ) {
    const { endpoint, region, name } = address;
    this.name = name;
    this.#place = address;
    this.#patienceMs = patienceMs;
    // The version is fixed, so that its last one for this version of Node.js is no news.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
    this.#client = new S3Client({
      region,
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
      // A stream cannot be sent again: this class begins anew with the file.
      maxAttempts: 1,
      // Other checksums than SHA-256 are unknown to older servers.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: idleMs },
    });
  }

  /**
   * Checks the server, the credentials, the bucket, and that conditional writes are kept to.
   *
   * @throws StoreError saying what is wrong
   */
  static async open(address: S3Address, options: S3Options = {}): Promise<S3Store> {
    const store = new S3Store(address, options);
    try {
      await store.#checkConditions();
      return store;
    } catch (error) {
      store.close();
      throw error instanceof PassingError ? error.reason : error;
    }
  }

  async hasBlob(blob: StoredBlob, signal?: AbortSignal): Promise<boolean> {
    const head = await this.#ask(
      (abort) => this.#client.send(new HeadObjectCommand({ ...this.#bucket, Key: this.#blob(blob) }), abort),
      signal,
    );
    return head?.ContentLength === blob.size;
  }

  async sendBlob(blob: StoredBlob, path: string, signal?: AbortSignal): Promise<void> {
    if (blob.size > LARGEST_BLOB)
      throw new StoreError(`${path} has more than 5 GiB, the most that ${this.name} takes as one file.`);
    await this.#ask(async (abort) => {
      const body = new VerifiedStream(blob);
      const reading = pipeline(createReadStream(path), body);
      const put = new PutObjectCommand({
        ...this.#bucket,
        Key: this.#blob(blob),
        Body: body,
        ContentLength: blob.size,
        ChecksumSHA256: Buffer.from(blob.sha256, 'hex').toString('base64'),
      });
      // A file that is not as long as announced would leave the request waiting for the rest.
      const broken = new AbortController();
      reading.catch(() => {
        broken.abort();
      });
      const signals = [broken.signal, ...(abort.abortSignal ? [abort.abortSignal] : [])];
      try {
        await this.#client.send(put, { abortSignal: AbortSignal.any(signals) });
      } catch (error) {
        body.destroy();
        const failure = await reading.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (failure instanceof OtherContentError) throw new ChangedFileError(path);
        if (isOfFile(failure)) throw new StoreError(`${path} cannot be read (${failure.message}).`);
        throw error;
      }
    }, signal);
  }

  async fetchBlob(blob: StoredBlob, path: string, signal?: AbortSignal): Promise<void> {
    const get = async (abort: Abort): Promise<true> => {
      const request = new GetObjectCommand({ ...this.#bucket, Key: this.#blob(blob) });
      await writeVerified(async () => (await this.#client.send(request, abort)).Body as Readable, blob, path, signal);
      return true;
    };
    for (let attempt = 1; ; attempt++) {
      try {
        if ((await this.#ask(get, signal)) === undefined) throw new DamagedBlobError(this.name, blob, 'is missing');
        return;
      } catch (error) {
        if (!(error instanceof OtherContentError)) throw error;
        // It may have been damaged on the way.
        if (attempt > 1) throw new DamagedBlobError(this.name, blob, `is damaged (${error.message})`);
      }
    }
  }

  async removeBlob(blob: StoredBlob): Promise<void> {
    await this.#ask((abort) =>
      this.#client.send(new DeleteObjectCommand({ ...this.#bucket, Key: this.#blob(blob) }), abort),
    );
  }

  async readReference(key: string): Promise<StoredReference | undefined> {
    return this.#ask(async (abort) => {
      const { Body, ETag } = await this.#client.send(
        new GetObjectCommand({ ...this.#bucket, Key: this.#reference(key) }),
        abort,
      );
      return { text: (await Body?.transformToString()) ?? '', version: ETag ?? '' };
    });
  }

  async removeReference(key: string): Promise<void> {
    await this.#ask((abort) =>
      this.#client.send(new DeleteObjectCommand({ ...this.#bucket, Key: this.#reference(key) }), abort),
    );
  }

  async writeReference(key: string, text: string, expected: string | undefined): Promise<string | undefined> {
    let uncertain = false;
    return patiently(async () => {
      try {
        return await this.#put(this.#reference(key), text, expected);
      } catch (error) {
        const refused =
          statusOf(error) === PRECONDITION_FAILED || (statusOf(error) === NOT_FOUND && expected !== undefined);
        if (refused && (error as Error).name !== 'NoSuchBucket') {
          // The answer to an earlier attempt may have been lost: each text is written only once.
          const found = uncertain ? await this.readReference(key) : undefined;
          return found?.text === text ? found.version : undefined;
        }
        uncertain = true;
        if (statusOf(error) === CONFLICT) throw new PassingError(s3Error(error, this.#place));
        throw s3Error(error, this.#place);
      }
    }, this.#patienceMs);
  }

  close(): void {
    this.#client.destroy();
  }

  /** A server that ignores the conditions would let a worker overwrite what another one has made. */
  async #checkConditions(): Promise<void> {
    const key = this.#in(`trial-${randomUUID()}`);
    try {
      const version = await this.#put(key, 'trial', undefined);
      for (const [name, expected] of [
        ['If-None-Match', undefined],
        ['If-Match', `"${'0'.repeat(32)}"`],
      ] as const) {
        const answer = await this.#put(key, 'again', expected).then(() => undefined, statusOf);
        if (answer === PRECONDITION_FAILED || answer === CONFLICT) continue;
        const ignored = answer === undefined ? `ignores ${name}` : `answers ${answer} to ${name}`;
        throw new StoreError(
          `${this.name}: ${this.#place.endpoint ?? 'the server'} ${ignored}, but conditional writes are needed; use a newer ` +
            'server, or a shared folder.',
        );
      }
      await this.#put(key, 'trial 2', version);
      await this.#client.send(new DeleteObjectCommand({ ...this.#bucket, Key: key }));
    } catch (error) {
      throw error instanceof StoreError ? error : s3Error(error, this.#place);
    }
  }

  async #put(key: string, text: string, expected: string | undefined): Promise<string> {
    const condition = expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected };
    const { ETag = '' } = await this.#client.send(
      new PutObjectCommand({ ...this.#bucket, Key: key, Body: text, ContentType: 'application/json', ...condition }),
    );
    return ETag;
  }

  /** @returns undefined where there is no such object */
  async #ask<T>(request: (abort: Abort) => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    return patiently(
      async () => {
        try {
          return await request(signal === undefined ? {} : { abortSignal: signal });
        } catch (error) {
          if (error instanceof StoreError || error instanceof OtherContentError || error instanceof WriteError)
            throw error;
          if (statusOf(error) === NOT_FOUND && (error as Error).name !== 'NoSuchBucket') return undefined;
          throw s3Error(error, this.#place);
        }
      },
      this.#patienceMs,
      signal,
    );
  }

  get #bucket(): { readonly Bucket: string } {
    return { Bucket: this.address.bucket };
  }

  #in(path: string): string {
    const { prefix } = this.address;
    return prefix === '' ? path : `${prefix}/${path}`;
  }

  #blob({ key, sha256 }: StoredBlob): string {
    return this.#in(`blobs/${key}/${sha256}`);
  }

  #reference(key: string): string {
    return this.#in(`references/${key}.json`);
  }
}

interface Abort {
  readonly abortSignal?: AbortSignal;
}

/** An error of the operating system about a file. */
const isOfFile = (error: unknown): error is Error =>
  error instanceof Error && 'path' in error && (error as NodeJS.ErrnoException).code !== undefined;
