import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, DataError, UserError } from '../../utils/errors.js';
import { networkProblem } from '../data/download.js';

/** What a repository holds. */
export type RepositoryKind = 'dataset' | 'model';

/** How often a question is asked where the server or the network fails. */
const ATTEMPTS = 3;

/** How to reach the Hub. */
export interface HubConnection {
  /** Without a slash at the end: HF_ENDPOINT, or the Hub itself. */
  readonly endpoint: string;
  /** HF_TOKEN, where it is set. */
  readonly token: string | undefined;
  /** `fetch` with a time limit that asks again where a server fails for the moment. */
  readonly fetch: typeof fetch;
}

/** How a connection may be stopped, and how patient it is. */
export interface HubConnectionOptions {
  /** Where HF_ENDPOINT and HF_TOKEN are looked up. Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How long the Hub may take to answer, in milliseconds. */
  readonly connectTimeout?: number | undefined;
  /** How long to wait before asking again, in milliseconds. */
  readonly retryDelay?: number | undefined;
}

/** @throws ConfigError for an HF_ENDPOINT that is no address, or an HF_TOKEN that is no token of the Hub */
export function connectHub({
  environment = process.env,
  signal,
  connectTimeout = 30_000,
  retryDelay = 1000,
}: HubConnectionOptions): HubConnection {
  const endpoint = (environment['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    throw new ConfigError(`HF_ENDPOINT is ${JSON.stringify(endpoint)}; expected an address that begins with https://`);
  }
  const token = environment['HF_TOKEN'] || undefined;
  if (token !== undefined && !/^hf_\w+$/.test(token)) {
    throw new ConfigError(
      `HF_TOKEN is no token of the Hub; expected hf_ and letters and digits, from ${endpoint}/settings/tokens`,
    );
  }
  return {
    endpoint,
    token,
    async fetch(input, init) {
      // Asked twice, anything but a question could be done twice.
      const isQuestion = (init?.method ?? 'GET') === 'GET';
      for (let attempt = 1; ; attempt++) {
        const isLast = !isQuestion || attempt === ATTEMPTS;
        signal?.throwIfAborted();
        const limits = [init?.signal, signal, isQuestion ? AbortSignal.timeout(connectTimeout) : undefined];
        try {
          const response = await fetch(input, { ...init, signal: AbortSignal.any(limits.filter((each) => !!each)) });
          if (isLast || (response.status < 500 && response.status !== 429)) return response;
          await response.body?.cancel();
        } catch (error) {
          signal?.throwIfAborted();
          if (isLast || networkProblem(error).isPermanent) throw error;
        }
        await delay(retryDelay * attempt, undefined, { signal });
      }
    },
  };
}

/** The Hub could not be reached; what is in the cache may do. */
export class UnreachableHubError extends DataError {}

/**
 * A failure of the Hub or the way to it, told in one sentence.
 *
 * @param address of the repository
 * @param revision that was asked for
 * @returns what is no failure of these as it is
 */
export function hubError(
  error: unknown,
  address: string,
  kind: RepositoryKind,
  { endpoint, token }: HubConnection,
): unknown {
  if (error instanceof UserError || (error as Error).name === 'AbortError') return error;
  const { statusCode, message } = error as { statusCode?: number; message: string };
  const host = new URL(endpoint).host;
  const fail = (problem: string): DataError => new DataError(`${address}: ${problem}`, { cause: error });
  // The network's failures have a cause or a code; these are of whoever reads an answer.
  if ((error instanceof TypeError || error instanceof SyntaxError) && error.cause === undefined && !('code' in error)) {
    return fail(`${host} answers as no Hub does (${message}); is ${endpoint} a Hub?`);
  }
  if (statusCode === undefined) {
    const { problem } = networkProblem(error);
    const reason = (error as Error).name === 'TimeoutError' ? 'no answer' : problem;
    return new UnreachableHubError(
      `${address}: cannot reach ${host} (${reason}); connect to the network and run again`,
      {
        cause: error,
      },
    );
  }
  const byToken =
    token === undefined ? 'set HF_TOKEN to a token that may read it' : 'use a token in HF_TOKEN that may read it';
  if (statusCode === 404 && /^(?:invalid rev|revision)/i.test(message)) {
    return fail(`${host} has no such revision of this ${kind}; check what stands behind the @`);
  }
  if (statusCode === 404 || (statusCode === 401 && token === undefined)) {
    return fail(`${host} has no ${kind} of this name, or it is private; check the name, or ${byToken}`);
  }
  if (statusCode === 401) {
    return fail(`${host} does not accept the token in HF_TOKEN; make one at ${endpoint}/settings/tokens`);
  }
  if (statusCode === 403) return restricted(address, kind, endpoint, token);
  if (statusCode >= 500 || statusCode === 429) {
    return new UnreachableHubError(`${address}: ${host} answers with HTTP status ${statusCode}; try again later`, {
      cause: error,
    });
  }
  return fail(`${host} answers with HTTP status ${statusCode}: ${message}`);
}

/** A repository that one may see but not read. */
export function restricted(
  address: string,
  kind: RepositoryKind,
  endpoint: string,
  token: string | undefined,
): DataError {
  const page = `${endpoint}/${kind === 'model' ? '' : 'datasets/'}${address.replace(/^hf:|@.*$/g, '')}`;
  const instead =
    token === undefined ? 'set HF_TOKEN to a token of that account' : 'use a token of that account in HF_TOKEN';
  return new DataError(`${address}: access is restricted; accept its conditions at ${page}, and ${instead}`);
}
