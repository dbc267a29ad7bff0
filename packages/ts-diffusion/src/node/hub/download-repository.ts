import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../utils/errors.js';
import { callback, choice, finite, flag, options, record, signal, signature, text } from '../../utils/arguments.js';
import { cacheFolder } from '../data/cache-folder.js';
import { download, type DownloadOptions } from '../data/download.js';
import { formatHubAddress, isCommit, parseHubAddress, type HubAddress } from './hub-address.js';
import {
  connectHub,
  hubError,
  restricted,
  UnreachableHubError,
  type HubConnection,
  type HubConnectionOptions,
  type RepositoryKind,
} from './hub-connection.js';
import { fileSchema, isInside, RepositoryCache, type RepositoryFile } from './repository-cache.js';

/** What is downloaded, and how. */
export interface DownloadRepositoryOptions
  extends HubConnectionOptions, Pick<DownloadOptions<unknown>, 'onProgress' | 'stallTimeout'> {
  readonly kind: RepositoryKind;
  /** Which files, by their paths in the repository. Default: all. */
  readonly wanted?: ((path: string) => boolean) | undefined;
  /** Told of the paths of all files, wanted or not, before any is downloaded; what it throws is passed on. */
  readonly check?: ((paths: readonly string[]) => void) | undefined;
  /** Never touch the network: what is in the cache, or an error. Default false. */
  readonly offline?: boolean | undefined;
  /** Told of a download that starts, and where the cache stands in for the Hub. */
  readonly onMessage?: ((text: string) => void) | undefined;
}

/** A repository's files on this machine. */
export interface DownloadedRepository {
  /** Holds the files at their paths in the repository, or in the folder of it that was asked for. */
  readonly folder: string;
  /** The same with the commit as revision: downloads the same files for ever. */
  readonly address: string;
}

/** Files at a time. */
const AT_ONCE = 4;

const downloadOptions = options({
  kind: choice(['dataset', 'model']),
  wanted: callback.optional(),
  check: callback.optional(),
  offline: flag.optional(),
  onMessage: callback.optional(),
  onProgress: callback.optional(),
  signal: signal.optional(),
  connectTimeout: finite.optional(),
  stallTimeout: finite.optional(),
  retryDelay: finite.optional(),
  environment: record.optional(),
});
const downloadRepositoryArguments = signature('downloadRepository', { address: text, options: downloadOptions });
const pinHubAddressArguments = signature('pinHubAddress', { address: text, options: downloadOptions });

/**
 * Downloads a repository of the Hugging Face Hub into the cache (DIFFUSION_CACHE_DIR), or a folder of it: `hf:owner/name`,
 * `hf:owner/name@REVISION`, `hf:owner/name/FOLDER`. A revision becomes the commit that it is now; without network, the commit that it
 * was last. A commit that is in the cache needs no network. Each file appears complete, its size and hash those that the Hub
 * names, or not at all; an interrupted download goes on where it stopped. HF_ENDPOINT names another Hub; HF_TOKEN is a token for
 * private repositories.
 *
 * @throws DataError for an address of another form, a repository that is not there, private or without wanted files, no network,
 *   a damaged file; ConfigError for an HF_TOKEN or HF_ENDPOINT of another form; WriteError for a full disk or missing permission
 */
export async function downloadRepository(
  address: string,
  options: DownloadRepositoryOptions,
): Promise<DownloadedRepository> {
  downloadRepositoryArguments({ address, options });
  const parsed = parseHubAddress(address);
  const { kind, environment = process.env, offline = false, wanted = () => true } = options;
  const connection = connectHub(options);
  const cache = new RepositoryCache(cacheFolder(environment), kind, parsed.name);
  const commit = await resolveCommit(parsed, cache, connection, options);
  const pinned = formatHubAddress({ ...parsed, revision: commit });

  const known = cache.listing(commit);
  if (known === undefined && offline) throw notCached(address);
  const files = known ?? (await listRepository(address, { ...parsed, revision: commit }, kind, connection));
  if (known === undefined) cache.rememberListing(commit, files);
  const below = parsed.folder === '' ? '' : `${parsed.folder}/`;
  const inFolder = files.filter(({ path }) => path.startsWith(below));
  options.check?.(inFolder.map(({ path }) => path));
  const chosen = inFolder.filter(({ path }) => wanted(path));
  const missing = chosen.filter((file) => !cache.has(commit, file));
  if (missing.length > 0 && offline) throw notCached(address, `${missing.length} of ${chosen.length} files`);
  if (missing.length > 0) {
    await downloadFiles({ ...parsed, revision: commit }, chosen, missing, cache.folder(commit), connection, options);
  }
  return { folder: join(cache.folder(commit), parsed.folder), address: pinned };
}

/**
 * The commit that a revision is: of itself, as the Hub knows it, or, where that cannot be reached, as it was last.
 *
 * @throws as `downloadRepository`
 */
async function resolveCommit(
  address: HubAddress,
  cache: RepositoryCache,
  connection: HubConnection,
  { kind, offline, onMessage }: DownloadRepositoryOptions,
): Promise<string> {
  const { name, revision = 'main' } = address;
  if (isCommit(revision)) return revision;
  const before = cache.commitOf(revision);
  const asText = formatHubAddress(address);
  if (offline === true) {
    if (before === undefined) throw notCached(asText);
    return before;
  }
  const { datasetInfo, modelInfo } = await import('@huggingface/hub');
  const { endpoint, token, fetch } = connection;
  const request = { name, revision, hubUrl: endpoint, fetch, ...(token === undefined ? {} : { accessToken: token }) };
  try {
    const { sha } = await (kind === 'dataset'
      ? datasetInfo({ ...request, additionalFields: ['sha'] })
      : modelInfo({ ...request, additionalFields: ['sha'] }));
    if (!isCommit(sha)) throw new DataError(`${asText}: ${new URL(endpoint).host} names no commit; is it a Hub?`);
    cache.rememberCommit(revision, sha);
    return sha;
  } catch (error) {
    const failure = hubError(error, asText, kind, connection);
    if (!(failure instanceof UnreachableHubError) || before === undefined) throw failure;
    onMessage?.(`${failure.message}. The cache has commit ${before}, which is used.`);
    return before;
  }
}

/**
 * The same address with the commit that its revision is now, so that it names the same files for ever.
 *
 * @throws as `downloadRepository`
 */
export async function pinHubAddress(address: string, options: DownloadRepositoryOptions): Promise<string> {
  pinHubAddressArguments({ address, options });
  const parsed = parseHubAddress(address);
  const cache = new RepositoryCache(cacheFolder(options.environment ?? process.env), options.kind, parsed.name);
  return formatHubAddress({ ...parsed, revision: await resolveCommit(parsed, cache, connectHub(options), options) });
}

/** The files of a commit. */
async function listRepository(
  address: string,
  { name, revision = 'main' }: HubAddress,
  kind: RepositoryKind,
  connection: HubConnection,
): Promise<RepositoryFile[]> {
  const { listFiles } = await import('@huggingface/hub');
  const { endpoint, token, fetch } = connection;
  const credentials = token === undefined ? {} : { accessToken: token };
  const files = new Map<string, RepositoryFile>();
  try {
    const repo = { type: kind, name };
    for await (const entry of listFiles({ repo, revision, recursive: true, hubUrl: endpoint, fetch, ...credentials })) {
      if (entry.type !== 'file') continue;
      const { path, size, oid, lfs } = entry;
      if (typeof path !== 'string' || !isInside(path))
        throw new DataError(`${address} has a file ${JSON.stringify(path)}, a path that is not downloaded`);
      const { data: file } = fileSchema.safeParse({
        path,
        size: lfs?.size ?? size,
        ...(lfs ? { sha256: lfs.oid } : oid === undefined ? {} : { blob: oid }),
      });
      if (file === undefined || files.has(path)) {
        const problem = file === undefined ? 'without a size or hash' : 'twice';
        throw new DataError(
          `${address}: ${new URL(endpoint).host} lists the file ${path} ${problem}; is ${endpoint} a Hub?`,
        );
      }
      files.set(path, file);
    }
  } catch (error) {
    throw hubError(error, address, kind, connection);
  }
  return [...files.values()];
}

async function downloadFiles(
  address: HubAddress,
  chosen: readonly RepositoryFile[],
  missing: readonly RepositoryFile[],
  folder: string,
  { endpoint, token }: HubConnection,
  options: DownloadRepositoryOptions,
): Promise<void> {
  const { kind, onMessage, onProgress, signal, connectTimeout = 30_000, stallTimeout, retryDelay } = options;
  const asText = formatHubAddress(address);
  const total = chosen.reduce((sum, { size }) => sum + size, 0);
  const received = new Map(
    chosen.map(({ path, size }) => [path, missing.some((file) => file.path === path) ? 0 : size]),
  );
  onMessage?.(`downloading ${asText} (${missing.length} files of ${chosen.length}) to ${folder}`);
  const base = `${endpoint}/${kind === 'model' ? '' : 'datasets/'}${address.name}/resolve/${address.revision as string}`;
  const waiting = missing[Symbol.iterator]();
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const work = async (): Promise<void> => {
    for (const file of waiting) {
      await download({
        urls: [`${base}/${file.path.split('/').map(encodeURIComponent).join('/')}`],
        path: join(folder, file.path),
        size: file.size,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        accept: (part) => verify(part, file),
        onProgress: (progress) => {
          received.set(file.path, progress.received);
          const sum = [...received.values()].reduce((a, b) => a + b, 0);
          onProgress?.({ file: file.path, received: sum, total });
        },
        signal: stop,
        connectTimeout,
        stallTimeout,
        retryDelay,
      });
    }
  };
  let reason: unknown;
  const working = Array.from({ length: AT_ONCE }, () =>
    work().catch((error: unknown) => {
      // The first; the others only follow from it.
      reason ??= error;
      failed.abort(error);
    }),
  );
  await Promise.all(working);
  if (reason === undefined) return;
  if (!(reason instanceof DataError)) throw reason as Error;
  if (/HTTP status 40[13]/.test(reason.message)) throw restricted(asText, kind, endpoint, token);
  throw new DataError(`${asText}: ${reason.message}; run again to go on where it stopped`, { cause: reason });
}

/** @throws DataError where a complete file is not the one that the Hub names */
async function verify(part: string, { path, size, sha256, blob }: RepositoryFile): Promise<void> {
  const found = statSync(part).size;
  if (found !== size) throw new DataError(`${path} has ${found} bytes; expected ${size}`);
  const hash = createHash(sha256 === undefined ? 'sha1' : 'sha256');
  // What git hashes of a file begins with its kind and size.
  if (sha256 === undefined) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(part)) hash.update(chunk as Uint8Array);
  const digest = hash.digest('hex');
  const expected = sha256 ?? blob;
  if (expected !== undefined && digest !== expected)
    throw new DataError(`${path} has hash ${digest}; expected ${expected}`);
}

function notCached(address: string, what = 'the repository'): DataError {
  return new DataError(
    `${address}: ${what} not in the cache, and nothing is downloaded (offline); run once without --offline`,
  );
}
