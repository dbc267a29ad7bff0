import { StoreError } from './artifact-store.js';
import { PassingError } from './patience.js';

/** What the client of S3 throws. */
interface ClientError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Where a store is, for sentences. */
export interface S3Place {
  readonly name: string;
  readonly bucket: string;
  readonly endpoint: string | undefined;
  readonly region: string;
}

const SERVER_ERROR = 500;
/** Answers that do not last, beside those of 500 and more. */
const PASSING = new Set([408, 425, 429]);
/** Damaged on the way. */
const DAMAGED_ON_THE_WAY = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody', 'RequestTimeout']);

export const statusOf = (error: unknown): number | undefined => (error as ClientError).$metadata?.httpStatusCode;

/** The error in one sentence; as a `PassingError` where trying again may help. */
export function s3Error(error: unknown, place: S3Place): Error {
  const { name, message } = error as ClientError;
  const status = statusOf(error);
  const told = new StoreError(sentence(error as ClientError, place), { cause: error });
  if (name === 'CredentialsProviderError' || name === 'TypeError') return told;
  const passes =
    status === undefined ||
    status >= SERVER_ERROR ||
    PASSING.has(status) ||
    DAMAGED_ON_THE_WAY.has(name) ||
    message === 'aborted';
  return passes ? new PassingError(told) : told;
}

function sentence(error: ClientError, { name: store, bucket, endpoint, region }: S3Place): string {
  const { name, code, message } = error;
  const status = statusOf(error);
  const at = endpoint ?? `Amazon S3 in ${region}`;
  const says = `${name}${message === '' || message === 'UnknownError' ? '' : `: ${message.replace(/\.$/, '')}`}`;
  switch (true) {
    case name === 'CredentialsProviderError':
      return `${store}: there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN where there is one).`;
    case code === 'ENOTFOUND' || code === 'EAI_AGAIN':
      return `${store}: the host of ${at} was not found; check the endpoint and the network.`;
    case status === undefined:
      return `${store}: ${at} cannot be reached (${code ?? message}); check the endpoint and the network.`;
    case name === 'NoSuchBucket':
      return `${store}: there is no bucket ${bucket} at ${at}; make it, or give another one.`;
    case status === 401 || status === 403:
      return `${store}: ${at} refuses these credentials (${says}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and the rights on the bucket.`;
    case status === 301 || status === 307 || name === 'PermanentRedirect':
      return `${store}: the bucket ${bucket} is in another region than ${region}; set AWS_REGION.`;
    default:
      return `${store}: ${at} answers ${String(status)} (${says}).`;
  }
}
