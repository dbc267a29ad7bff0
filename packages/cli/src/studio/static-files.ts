import type { FastifyInstance, FastifyReply } from 'fastify';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gz': 'application/octet-stream',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Vite's file names under `assets/` carry a hash of their content. */
const UNCHANGING = 'assets/';

/** Tells the page that this server is behind it: one served from a plain web host has no runs to show. */
const markServer = (html: string): string => html.replace('data-server="no"', 'data-server="yes"');

/**
 * Serves the files that are in `folder` now and `others`, by address, and nothing else: an address is looked up in the list of
 * them, never turned into a path.
 */
export function serveFolder(app: FastifyInstance, folder: string, others: ReadonlyMap<string, string>): void {
  const files = new Map([
    ...filesIn(folder).map((path) => [`/${relative(folder, path).split(sep).join('/')}`, path] as const),
    ...others,
  ]);
  const index = join(folder, 'index.html');

  app.setNotFoundHandler((request, reply) => {
    const address = decodeURI(request.url.split('?', 1)[0] ?? '/');
    if (address === '/') return sendIndex(reply, index);
    const path = files.get(address);
    if (path === undefined || request.method !== 'GET') {
      return reply.code(404).send({ error: `There is nothing at ${request.method} ${address}.` });
    }
    const caching = address.startsWith(`/${UNCHANGING}`) ? 'public, max-age=31536000, immutable' : 'no-cache';
    return reply
      .header('Cache-Control', caching)
      .header('Content-Length', statSync(path).size)
      .type(CONTENT_TYPES[extname(path)] ?? 'application/octet-stream')
      .send(createReadStream(path));
  });
}

function sendIndex(reply: FastifyReply, path: string): FastifyReply {
  return reply
    .header('Cache-Control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(markServer(readFileSync(path, 'utf8')));
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
