import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DownloadProgress } from '../../data/download-progress.js';
import { parseJson } from '../../formats/parse-json.js';
import { makeFolder, writeError } from '../files/atomic-file.js';
import { isRunning } from '../files/is-running.js';
import { DataError, WriteError } from '../../utils/errors.js';

export interface DownloadOptions<T> {
  /** The same file at several servers, in order of preference. */
  readonly urls: readonly string[];
  /** Where it goes. Until it is complete and accepted, what there is of it is `path.part`, while it is loaded `path.PROCESS-NUMBER.part`. */
  readonly path: string;
  /** How many bytes it has, where that is known: no more are taken. */
  readonly size?: number | undefined;
  /** Checks (and decodes) the complete file at a path. @throws DataError where it is not the file expected */
  accept(path: string): Promise<T>;
  /** Sent with each request; not to another server that one is redirected to, where it is an authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Told of every piece that arrives. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long a server may take to answer, in milliseconds. */
  readonly connectTimeout?: number | undefined;
  /** How long a server may pause in the middle, in milliseconds. */
  readonly stallTimeout?: number | undefined;
  /** How long to wait before asking all servers again, in milliseconds. */
  readonly retryDelay?: number | undefined;
}

const ROUNDS = 3;

/** One attempt's failure: `permanent` where asking this server again is pointless. */
class AttemptError extends Error {
  constructor(
    message: string,
    readonly permanent: boolean,
  ) {
    super(message);
  }
}

/**
 * Downloads a file. An interrupted download, of this process or an earlier one, is taken up where it stopped if the server
 * can prove (ETag or Last-Modified) that the file is still the same; a server that keeps delivering is kept, otherwise the
 * next is asked, three times round. The file appears at `path` complete and accepted or not at all.
 * @returns what `accept` made of the file
 * @throws DataError naming the reason for each server, WriteError for a full disk or missing permission
 */
export async function download<T>(options: DownloadOptions<T>): Promise<T> {
  const { path, signal, retryDelay = 1000 } = options;
  makeFolder(dirname(path));
  const failures = new Map<string, string>();
  let urls = options.urls;
  for (let round = 0; round < ROUNDS && urls.length > 0; round++) {
    if (round > 0) await delay(retryDelay * round, undefined, { signal });
    const worthAnotherRound: string[] = [];
    for (const url of urls) {
      try {
        return await downloadFrom(url, options);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof AttemptError)) throw error;
        failures.set(url, error.message);
        if (!error.permanent) worthAnotherRound.push(url);
      }
    }
    urls = worthAnotherRound;
  }
  const reasons = [...failures].map(([url, reason]) => `${new URL(url).host}: ${reason}`).join('; ');
  throw new DataError(`cannot download ${basename(path)} (${reasons})`);
}

/** Asks one server until the file is complete, or an attempt brings nothing new. */
async function downloadFrom<T>(url: string, options: DownloadOptions<T>): Promise<T> {
  const part = new PartialFile(options.path, url);
  try {
    return await completeFrom(url, part, options);
  } finally {
    part.release();
  }
}

async function completeFrom<T>(url: string, part: PartialFile, options: DownloadOptions<T>): Promise<T> {
  for (let restarted = false; ;) {
    const before = part.size();
    try {
      await fetchRest(url, part, options);
    } catch (error) {
      const deliveredSomething = part.size() > before;
      if (error instanceof AttemptError && !error.permanent && deliveredSomething) continue;
      throw error;
    }
    try {
      const accepted = await options.accept(part.path);
      part.complete(options.path);
      return accepted;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      part.discard();
      // Pieces of two downloads may not fit together: once more from the start. A file in one piece is simply wrong.
      if (before === 0 || restarted) throw new AttemptError(error.message, true);
      restarted = true;
    }
  }
}

/** Fetches what is still missing of a file. Every failure of the server or the network is an AttemptError. */
async function fetchRest<T>(url: string, part: PartialFile, options: DownloadOptions<T>): Promise<void> {
  const { connectTimeout = 3000, stallTimeout = 15_000, signal } = options;
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal?.reason);
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort);
  const abortAfter = (milliseconds: number, complaint: string, permanent: boolean): NodeJS.Timeout =>
    setTimeout(() => {
      controller.abort(new AttemptError(`${complaint} within ${milliseconds / 1000} s`, permanent));
    }, milliseconds);
  let timer = abortAfter(connectTimeout, 'no answer', true);
  try {
    const offset = part.size();
    const response = await fetch(url, {
      headers: { ...options.headers, ...part.rangeHeaders() },
      signal: controller.signal,
    });
    const resumed = checkResponse(response, offset, part);
    let received = resumed ? offset : 0;
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : received + Number(length);
    const checkSize = (bytes: number): void => {
      if (options.size === undefined || bytes <= options.size) return;
      part.discard();
      throw new AttemptError(`the server sends more than the ${options.size} bytes that the file has`, true);
    };
    checkSize(total ?? 0);
    if (!resumed) part.begin(response.headers);
    const file = await part.open();
    try {
      clearTimeout(timer);
      timer = abortAfter(stallTimeout, 'no more data', false);
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        checkSize(received + chunk.length);
        await part.append(file, chunk);
        received += chunk.length;
        options.onProgress?.({ file: basename(options.path), received, total });
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof AttemptError || error instanceof WriteError) throw error;
    signal?.throwIfAborted();
    const { problem, isPermanent } = networkProblem(error);
    throw new AttemptError(problem, isPermanent);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    controller.abort(); // lets go of a connection whose answer was not read to its end
  }
}

/** Whether the response goes on at `offset` (true) or is the whole file (false). @throws AttemptError for anything else */
function checkResponse(response: Response, offset: number, part: PartialFile): boolean {
  if (response.status === 200) return false;
  if (response.status === 206) {
    if (response.headers.get('content-range')?.startsWith(`bytes ${offset}-`)) return true;
    part.discard();
    throw new AttemptError('the server sent a different range than requested', false);
  }
  if (response.status === 416) {
    part.discard();
    throw new AttemptError('the server refused to resume', false);
  }
  const temporary = response.status >= 500 || response.status === 408 || response.status === 429;
  throw new AttemptError(`HTTP status ${response.status}`, !temporary);
}

/** What `fetch` hides in causes: nobody there at all is permanent, a connection lost on the way is not. */
export function networkProblem(error: unknown): { readonly problem: string; readonly isPermanent: boolean } {
  const { cause = error } = error as Error;
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { problem: 'host not found', isPermanent: true };
    case 'ECONNREFUSED':
      return { problem: 'connection refused', isPermanent: true };
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return { problem: 'network unreachable', isPermanent: true };
    default:
      return { problem: message, isPermanent: false };
  }
}

/** Of downloads in this process. */
let serial = 0;

/**
 * The file's beginning, and in a file beside it (`.json`) what it takes to go on: the server and its validator. They are called `path.part`
 * while nobody downloads. Whoever does takes them under a name of its own, so that two downloads of the same file, in one process or
 * two, never write into each other's. What a killed process left is taken over.
 */
class PartialFile {
  readonly path: string;
  readonly #resting: string;
  readonly #notePath: string;
  readonly #url: string;

  constructor(path: string, url: string) {
    this.path = `${path}.${process.pid}-${serial++}.part`;
    this.#resting = `${path}.part`;
    this.#notePath = noteOf(this.path);
    this.#url = url;
    for (const left of [this.#resting, ...abandonedParts(path)]) if (moved(left, this.path)) break;
  }

  /** Leaves what there is to the next download. */
  release(): void {
    moved(this.path, this.#resting);
  }

  /** Bytes that a download from this server can go on from. */
  size(): number {
    if (this.#validator() === undefined) return 0;
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  rangeHeaders(): Record<string, string> {
    const identity = { 'accept-encoding': 'identity' };
    const validator = this.#validator();
    const size = this.size();
    if (validator === undefined || size === 0) return identity;
    return { ...identity, range: `bytes=${size}-`, 'if-range': validator };
  }

  /** Starts from nothing with a new response. */
  begin(headers: Headers): void {
    this.discard();
    const etag = headers.get('etag');
    // A weak ETag promises the same meaning, not the same bytes (RFC 9110, section 13.1.5).
    const validator = etag !== null && !etag.startsWith('W/') ? etag : headers.get('last-modified');
    if (validator === null) return;
    try {
      writeFileSync(this.#notePath, JSON.stringify({ url: this.#url, validator }));
    } catch (error) {
      throw writeError(this.#notePath, error);
    }
  }

  async open(): ReturnType<typeof open> {
    try {
      return await open(this.path, 'a');
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  async append(file: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
    try {
      await file.appendFile(chunk);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  complete(path: string): void {
    try {
      renameSync(this.path, path);
    } catch (error) {
      throw writeError(path, error);
    }
    rmSync(this.#notePath, { force: true });
  }

  discard(): void {
    rmSync(this.path, { force: true });
    rmSync(this.#notePath, { force: true });
  }

  #validator(): string | undefined {
    try {
      const note = parseJson(readFileSync(this.#notePath)) as { url?: unknown; validator?: unknown };
      return note.url === this.#url && typeof note.validator === 'string' ? note.validator : undefined;
    } catch {
      // No note, or half a one: there is nothing to resume.
      return undefined;
    }
  }
}

const noteOf = (part: string): string => `${part}.json`;

/** Parts of a file that processes left which were killed. */
function abandonedParts(path: string): string[] {
  const beginning = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => {
      const [, id] = (name.startsWith(beginning) && /^(\d+)-\d+\.part$/.exec(name.slice(beginning.length))) || [];
      return id !== undefined && Number(id) !== process.pid && !isRunning(Number(id));
    })
    .map((name) => join(dirname(path), name));
}

/** Gives a part and its note another name; false where it is not there (any more). */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
  } catch {
    return false;
  }
  try {
    renameSync(noteOf(from), noteOf(to));
  } catch {
    // Without a note, a download begins anew.
    rmSync(noteOf(to), { force: true });
  }
  return true;
}
