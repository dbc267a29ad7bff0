import { ConfigError } from 'ts-diffusion/errors';

/** Where a queue is. */
export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** With user and password. */
  readonly url: string;
  /** Without password, for people. */
  readonly shown: string;
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
  return { kind, url: text, shown: withoutPassword(url) };
}

function withoutPassword(url: URL): string {
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  return shown.href;
}
