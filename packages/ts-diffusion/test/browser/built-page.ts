import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { patient, patientTests } from '../patience.js';
import { launchChromium } from '../runtime/chromium.js';

const source = fileURLToPath(new URL('page', import.meta.url));
/** Within the package, so that a bundle finds the package's dependencies. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export interface BuiltPage {
  /** `index.html` with two elements, `empty.html`, or `scoring.html`. What the page's console says against it fails the test, but for `expected`. */
  open(path: string, expected?: RegExp): Promise<Page>;
  /** What was asked of the server since the page was opened, as `METHOD /path`. */
  readonly requests: readonly string[];
}

/** A page that Vite builds with its own defaults out of the built package, on a plain web host; call in a suite's body. */
export function builtPage(): () => BuiltPage {
  let [folder, url] = ['', ''];
  let server: Server;
  let browser: Browser;
  const [requests, complaints]: [string[], string[]] = [[], []];
  patientTests();
  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    folder = mkdtempSync(join(CACHE, 'page-'));
    const input = ['index.html', 'empty.html', 'scoring.html'].map((name) => join(source, name));
    const options = { configFile: false, logLevel: 'warn', root: source } as const;
    await build({ ...options, worker: { format: 'es' }, build: { outDir: folder, rolldownOptions: { input } } });
    server = createServer((request, response) => {
      const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
      // The browser asks by itself.
      if (path === '/favicon.ico') {
        response.writeHead(204).end();
        return;
      }
      requests.push(`${request.method ?? ''} ${path}`);
      const file = join(folder, path);
      if (!existsSync(file)) {
        response.writeHead(404).end();
        return;
      }
      const body = readFileSync(file);
      const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
      response.writeHead(200, {
        'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
        'Content-Length': body.length,
        ETag: etag,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchChromium();
  }, patient.timeout);
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    requests.length = 0;
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => ({
    requests,
    open: async (path, expected) => {
      const page = await (await browser.newContext()).newPage();
      const complain = (text: string): void => {
        if (expected?.test(text) !== true) complaints.push(text);
      };
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
      });
      page.on('pageerror', ({ message }) => {
        complain(message);
      });
      page.setDefaultTimeout(patient.timeout);
      await page.goto(`${url}/${path}`);
      return page;
    },
  });
}
