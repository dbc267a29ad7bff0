import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { callback, choice, finite, flag, options, record, signal, signature, text } from '../../utils/arguments.js';
import { ConfigError, DataError } from '../../utils/errors.js';
import { filesBelow } from '../data/picture-folders.js';
import { formatHubAddress, parseHubAddress } from './hub-address.js';
import { connectHub, hubError, type HubConnectionOptions, type RepositoryKind } from './hub-connection.js';

/** What an upload makes. */
export interface UploadFolderOptions extends HubConnectionOptions {
  readonly kind: RepositoryKind;
  /** Make a repository that only its owner sees; of one that exists nothing is changed. Default: the owner's setting. */
  readonly private?: boolean | undefined;
  /** Of the commit. */
  readonly message: string;
  /** Which files, by their paths in the folder. Default: all but hidden ones. */
  readonly wanted?: ((path: string) => boolean) | undefined;
  /** Told of the bytes that are uploaded. */
  readonly onProgress?: ((progress: { readonly sent: number; readonly total: number }) => void) | undefined;
  readonly onMessage?: ((text: string) => void) | undefined;
}

/** What has been uploaded. */
export interface UploadedFolder {
  /** Of the repository's page. */
  readonly url: string;
  /** `hf:owner/name@COMMIT`. */
  readonly address: string;
  /** Paths in the folder. */
  readonly files: readonly string[];
}

const uploadFolderArguments = signature('uploadFolder', {
  folder: text,
  address: text,
  options: options({
    kind: choice(['dataset', 'model']),
    private: flag.optional(),
    message: text,
    wanted: callback.optional(),
    onProgress: callback.optional(),
    onMessage: callback.optional(),
    signal: signal.optional(),
    connectTimeout: finite.optional(),
    retryDelay: finite.optional(),
    environment: record.optional(),
  }),
});

/**
 * Uploads the files of a folder to a repository of the Hugging Face Hub in one commit, making the repository where it is missing.
 * Files of the same names are replaced, others stay.
 *
 * @param address `hf:owner/name`, with `@BRANCH` for another branch than main, or with a folder for another place
 * @throws ConfigError where HF_TOKEN is not set; DataError for a folder without files, a token that may not write, no network
 */
export async function uploadFolder(
  folder: string,
  address: string,
  uploading: UploadFolderOptions,
): Promise<UploadedFolder> {
  uploadFolderArguments({ folder, address, options: uploading });
  const { name, folder: below, revision: branch = 'main' } = parseHubAddress(address);
  const { kind, message, wanted = () => true, onProgress, onMessage, signal: abortSignal } = uploading;
  const connection = connectHub(uploading);
  const { endpoint, token: accessToken, fetch } = connection;
  if (accessToken === undefined) {
    throw new ConfigError(
      `HF_TOKEN is not set; an upload to ${address} needs a token that may write, from ${endpoint}/settings/tokens`,
    );
  }
  const files = (await filesBelow(folder, ''))
    .map((file) => file.replaceAll('\\', '/'))
    .filter(wanted)
    .sort();
  if (files.length === 0) throw new DataError(`${folder} holds no files to upload`);
  const sizes = new Map(files.map((file) => [file, sizeOf(join(folder, file))]));
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);

  const { commitIter, createRepo, repoExists } = await import('@huggingface/hub');
  const request = { repo: { type: kind, name }, hubUrl: endpoint, fetch, accessToken };
  const inRepository = (file: string): string => (below === '' ? file : `${below}/${file}`);
  try {
    if (!(await repoExists(request))) {
      await createRepo({ ...request, ...(uploading.private === true ? { visibility: 'private' } : {}) });
      onMessage?.(`made the repository ${name}`);
    } else if (uploading.private === true) {
      onMessage?.(`the repository ${name} exists; whether it is private stays as it is`);
    }
    const commit = commitIter({
      ...request,
      branch,
      title: message,
      operations: files.map((file) => ({
        operation: 'addOrUpdate',
        path: inRepository(file),
        content: pathToFileURL(join(folder, file)),
      })),
      // Models of megabytes: cutting them into chunks that the Hub may have already saves nothing.
      useXet: false,
      ...(abortSignal === undefined ? {} : { abortSignal }),
    });
    const sent = new Map<string, number>();
    let step = await commit.next();
    for (; step.done !== true; step = await commit.next()) {
      if (step.value.event !== 'fileProgress' || step.value.state !== 'uploading') continue;
      sent.set(step.value.path, step.value.progress);
      const bytes = files.reduce((sum, file) => sum + (sent.get(inRepository(file)) ?? 0) * (sizes.get(file) ?? 0), 0);
      onProgress?.({ sent: Math.round(bytes), total });
    }
    onProgress?.({ sent: total, total });
    const revision = step.value?.commit.oid;
    const page = `${endpoint}/${kind === 'model' ? '' : 'datasets/'}${name}`;
    return { url: page, address: formatHubAddress({ name, folder: below, revision }), files };
  } catch (error) {
    abortSignal?.throwIfAborted();
    if ((error as { statusCode?: number }).statusCode === 403) {
      throw new DataError(
        `${address}: the token in HF_TOKEN may not write there; use one that may, from ${endpoint}/settings/tokens, or your own name as owner`,
        { cause: error },
      );
    }
    throw hubError(error, address, kind, connection);
  }
}

/** @throws DataError for a link that leads nowhere, and for what is no file */
function sizeOf(path: string): number {
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isFile() === true) return kind.size;
  throw new DataError(
    `${path} cannot be uploaded: ${kind === undefined ? 'a link that leads nowhere' : 'no regular file'}`,
  );
}
