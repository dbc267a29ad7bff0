import { ConfigError } from 'ts-diffusion/errors';

/** Where a queue is. */
export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** With user and password. */
  readonly url: string;
  /** Without user, password and options, for people. */
  readonly shown: string;
  /** A message of the server without what the URL says of user and password. */
  readonly hide: (message: string) => string;
}

const kinds: Readonly<Record<string, QueueAddress['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** The environment variable that names the queue, so that its password is in no list of processes. */
export const QUEUE_VARIABLE = 'DIFFUSION_QUEUE';

/** @throws ConfigError for what is no URL of a queue; its sentence holds no password */
export function queueAddress(text: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = url && kinds[url.protocol];
  if (url === undefined || kind === undefined) {
    const scheme = url === undefined ? 'no URL' : `a URL of the scheme "${url.protocol.slice(0, -1)}"`;
    throw new ConfigError(
      `--queue (or ${QUEUE_VARIABLE}) is ${scheme}; expected redis://HOST:PORT, rediss://HOST:PORT (TLS) or ` +
        'postgres://HOST:PORT/DATABASE, with USER:PASSWORD@ before HOST where the server asks for them.',
    );
  }
  if (url.hostname === '' && !url.searchParams.has('host')) {
    throw new ConfigError(`--queue (or ${QUEUE_VARIABLE}) names no host; expected e.g. ${url.protocol}//localhost.`);
  }
  // A password that is not escaped ends the part of the URL that is hidden.
  if (/[?#@]/.test(url.pathname + decoded(url.pathname)) || url.hash !== '' || url.search.includes('@')) {
    throw new ConfigError(
      `--queue (or ${QUEUE_VARIABLE}) has an "@", "#" or "?" after its host; in user and password write %40 for "@", %2F for "/", %23 for "#" ` +
        'and %3F for "?".',
    );
  }
  const secrets = secretsOf(url);
  const hide = (message: string): string => secrets.reduce((said, secret) => said.replaceAll(secret, '***'), message);
  return { kind, url: text, shown: `${url.protocol}//${url.host}${url.pathname}`, hide };
}

/** Options of a URL that say nothing of who asks. */
const OPEN_OPTIONS = new Set(['host', 'port', 'sslmode', 'db', 'family']);

/** User, password and the values of other options, as the URL has them and decoded; the longest first. */
function secretsOf({ username, password, searchParams }: URL): string[] {
  const options = [...searchParams].filter(([name]) => !OPEN_OPTIONS.has(name)).map(([, value]) => value);
  const all = [username, password, ...options].flatMap((each) => [each, decoded(each)]);
  return [...new Set(all)].filter((each) => each !== '').sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
