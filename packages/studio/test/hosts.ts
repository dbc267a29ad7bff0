import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createStudio } from '../../cli/src/studio/server.js';
import { cliPath } from '../../cli/test/commands/run-cli.js';

/** What `npm run build:studio` builds for the studio's server; `npm test` does that first. */
export const builtPage = fileURLToPath(new URL('../../cli/dist/studio-page', import.meta.url));
/** The same for any web host. */
export const wholePage = fileURLToPath(new URL('../dist', import.meta.url));

export interface Host {
  readonly url: string;
  close(): Promise<void>;
}

export interface StudioHost extends Host {
  readonly runsFolder: string;
  /** As `close`, but the runs stay. */
  stop(): Promise<void>;
}

/** The studio's own server, on a free port unless one is given, with an empty runs folder. */
export async function studioHost(runsFolder = mkdtempSync(join(tmpdir(), 'runs-')), port = 0): Promise<StudioHost> {
  const host = '127.0.0.1';
  const app = createStudio({ runsFolder, webFolder: builtPage, cli: cliPath, host });
  const url = await app.listen({ port, host });
  const stop = async (): Promise<void> => {
    await app.close();
  };
  const close = async (): Promise<void> => {
    await stop();
    rmSync(runsFolder, { recursive: true, force: true });
  };
  return { url, runsFolder, stop, close };
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** What a web host says a file is. */
export const typeOf = (file: string): string => TYPES[extname(file)] ?? 'application/octet-stream';

/** A plain web host, with the page in a folder and no header that isolates it. */
export async function plainHost(): Promise<Host> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname).replace(/^\/some\/folder\//, '');
    const file = join(wholePage, path === '' ? 'index.html' : path);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', typeOf(file));
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/some/folder`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
