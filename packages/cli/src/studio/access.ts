import type { FastifyInstance } from 'fastify';
import { hostname, networkInterfaces } from 'node:os';
import { RequestError } from './errors.js';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * What every answer carries: cross-origin isolation, without which the page's WASM has one thread; and a policy under
 * which the page can load nothing that this server does not serve.
 */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval' blob:",
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; '),
};

/** The host names, in lower case, by which a server listening on `host` is reached: only loopback, unless told otherwise. */
function namesOf(host: string): ReadonlySet<string> {
  const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address).toLowerCase();
  if (host !== '0.0.0.0' && host !== '::') return new Set([...LOOPBACK, bracketed(host)]);
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set([...LOOPBACK, bracketed(hostname()), ...addresses.map(({ address }) => bracketed(address))]);
}

/**
 * Refuses requests that another web site makes a browser send: under a name that leads here by way of its own DNS (the
 * `Host` is not ours), or from its own pages (the `Origin` is not the `Host`).
 */
export function guardAccess(app: FastifyInstance, host: string): void {
  const names = namesOf(host);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS);
    done(refusal(request.headers.host, request.headers.origin, names));
  });
}

function refusal(host: string | undefined, origin: string | undefined, names: ReadonlySet<string>): Error | undefined {
  const name = host?.toLowerCase().replace(/:\d+$/, '');
  if (name === undefined || !names.has(name)) {
    return new RequestError(
      403,
      `This server does not answer to the name ${JSON.stringify(host)}. Open it as ${[...names].join(' or ')}.`,
    );
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host?.toLowerCase() ?? ''}`) {
    return new RequestError(403, 'Requests from pages of other sites are refused.');
  }
  return undefined;
}
