import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import type { Page } from 'playwright-core';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { launchChromium } from '../runtime/chromium.js';

/** What is drawn in every page and runtime. */
export const drawing = { labels: [3], seed: 1, samplingSteps: 5 } as const;

/** A page's program that draws with the package's model, as a user would write it, and leaves the pixels in `globalThis.drawn`. */
export const drawingProgram = `
import { DiffusionPipeline } from 'ts-diffusion';
const pipeline = await DiffusionPipeline.load('modern');
const { images } = await pipeline.generate(${JSON.stringify(drawing)});
globalThis.drawn = Array.from(images);
`;

/** The same in this process, from the sources. [28, 28], 0..255 */
export async function drawnHere(): Promise<Uint8Array> {
  const pipeline = await DiffusionPipeline.load('modern', { threads: 1 });
  const { images } = await pipeline.generate(drawing);
  await pipeline.dispose();
  return images;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What `drawingProgram` leaves in a page, once it is there. @throws Error as `inServedPage` */
export async function drawnInPage(folder: string, page: string): Promise<number[]> {
  return await inServedPage(folder, page, async (tab) => {
    const drawn = await tab.waitForFunction('globalThis.drawn', undefined, { timeout: 100_000 });
    return (await drawn.jsonValue()) as number[];
  });
}

/**
 * Serves a folder as any web host would, opens a page of it in chromium and uses it.
 *
 * @throws Error with what the page said on its console when it fails
 */
export async function inServedPage<Result>(
  folder: string,
  page: string,
  use: (tab: Page) => Promise<Result>,
): Promise<Result> {
  const server = createServer((request, response) => {
    const file = join(folder, normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
    if (!existsSync(file) || !statSync(file).isFile()) response.writeHead(404).end();
    else {
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launchChromium({ webgpu: false });
  try {
    const tab = await browser.newPage();
    const failed = new Promise<never>((_, reject) => {
      tab.on('pageerror', reject);
      tab.on('response', (response) => {
        if (response.status() === 404 && !response.url().endsWith('favicon.ico')) {
          reject(new Error(`404: ${response.url()}`));
        }
      });
    });
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${page}`);
    return await Promise.race([use(tab), failed]);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

/** Mean absolute difference of two images, in grey levels. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a).reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? NaN)), 0) / a.length;
}
