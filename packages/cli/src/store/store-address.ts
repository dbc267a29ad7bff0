import { ConfigError } from 'ts-diffusion/errors';

/** Where artifacts are. */
export type StoreAddress =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Without slashes at its ends; may be empty. */
      readonly prefix: string;
      /** URL of a server other than Amazon's. */
      readonly endpoint: string | undefined;
      readonly region: string;
      /** For people: no query. */
      readonly name: string;
    };

const FORM = 's3://BUCKET/PREFIX, s3://BUCKET/PREFIX?endpoint=https://HOST:PORT, or a folder';
/** What the naming rules of S3 allow. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[\w.-]+(\/[\w.-]+)*$/;
const DEFAULT_REGION = 'us-east-1';

/**
 * Reads `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`, or the path of a folder. What the address does not say is in AWS_ENDPOINT_URL_S3,
 * AWS_ENDPOINT_URL, AWS_REGION and AWS_DEFAULT_REGION.
 *
 * @throws ConfigError for anything else
 */
export function parseStoreAddress(text: string, environment: NodeJS.ProcessEnv = process.env): StoreAddress {
  const refuse = (why: string): ConfigError => new ConfigError(`--store ${text}: ${why}; give ${FORM}.`);
  if (text === '') throw refuse('an empty address');
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return { kind: 'folder', path: text };
  if (scheme !== 's3') throw refuse(`${scheme}:// is not a kind of store`);
  const [address = '', query = ''] = text.slice('s3://'.length).split('?', 2);
  const [bucket = '', ...path] = address.split('/');
  const prefix = path.join('/').replace(/^\/+|\/+$/g, '');
  if (bucket.includes('@') || bucket.includes(':')) {
    throw refuse('credentials and ports are no part of it (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)');
  }
  if (!BUCKET.test(bucket)) {
    throw refuse(`"${bucket}" is no name of a bucket (3 to 63 lower-case letters, digits, "." and "-")`);
  }
  if (prefix !== '' && (!PREFIX.test(prefix) || prefix.split('/').includes('..'))) {
    throw refuse(`"${prefix}" is no prefix (letters, digits, ".", "_" and "-", parted by "/")`);
  }
  const options = new URLSearchParams(query);
  const unknown = [...options.keys()].find((name) => name !== 'endpoint' && name !== 'region');
  if (unknown !== undefined) throw refuse(`unknown option "${unknown}" (allowed: endpoint, region)`);
  const given = (...values: readonly (string | null | undefined)[]): string | undefined =>
    values.find((value) => value !== undefined && value !== null && value !== '') ?? undefined;
  const endpoint = given(options.get('endpoint'), environment['AWS_ENDPOINT_URL_S3'], environment['AWS_ENDPOINT_URL']);
  if (endpoint !== undefined && !/^https?:\/\/[^/?#\s]+\/?$/.test(endpoint)) {
    throw refuse(`"${endpoint}" is no endpoint (http:// or https://, a host and perhaps a port)`);
  }
  return {
    kind: 's3',
    bucket,
    prefix,
    endpoint,
    region:
      given(options.get('region'), environment['AWS_REGION'], environment['AWS_DEFAULT_REGION']) ?? DEFAULT_REGION,
    name: `s3://${[bucket, prefix].filter((part) => part !== '').join('/')}`,
  };
}
