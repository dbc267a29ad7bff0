import { DataError } from './errors.js';

/**
 * Asks a server for a file.
 *
 * @param accepted statuses besides those of success that the caller deals with
 * @throws DataError when the server cannot be reached, answers with an error, or answers with a page
 * @throws the signal's reason once it is aborted
 */
export async function fetchFile(
  url: string | URL,
  { signal, ...init }: Omit<RequestInit, 'signal'> & { readonly signal?: AbortSignal | undefined } = {},
  accepted: readonly number[] = [],
): Promise<Response> {
  const missing = (reason: string, unreachable = false): DataError =>
    new (unreachable ? UnreachableError : DataError)(`${String(url)}: ${reason}`);
  const response = await ask(url, { ...init, ...(signal !== undefined && { signal }) }).catch((error: unknown) => {
    signal?.throwIfAborted();
    const { message, cause } = error as Error;
    throw missing(`cannot be downloaded (${cause instanceof Error ? cause.message : message}).`, true);
  });
  if (accepted.includes(response.status)) return response;
  if (!response.ok) throw missing(`the server answers ${response.status}.`);
  // A host that has no such file may answer with its start page.
  if (response.headers.get('Content-Type')?.startsWith('text/html') === true) {
    throw missing('the server answers with a page instead of a file.');
  }
  return response;
}

/** A connection that was kept open for the next request may have been closed by the server meanwhile: once more on a new one. */
async function ask(url: string | URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    return await fetch(url, init);
  }
}

/** The server did not answer at all: a copy of the file may serve. */
export class UnreachableError extends DataError {}
