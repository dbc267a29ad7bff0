import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDataset, loadEmbeddedDigits } from '../../src/browser/data/sources.js';
import type { DownloadProgress } from '../../src/data/download-progress.js';
import { encodeIdx } from '../../src/data/idx.js';
import type { LoadDatasetOptions } from '../../src/data/load-dataset-options.js';
import { mnist } from '../../src/data/mnist.js';
import { ConfigError } from '../../src/utils/errors.js';

const files: Readonly<Record<string, Uint8Array>> = {
  '/set/train-images-idx3-ubyte.gz': gzipSync(encodeIdx({ shape: [2, 1, 2], data: Uint8Array.of(1, 2, 3, 4) })),
  '/set/train-labels-idx1-ubyte.gz': gzipSync(encodeIdx({ shape: [2], data: Uint8Array.of(1, 0) })),
};

let server: Server;
let directory: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const body = files[(request.url ?? '').replace('/chunked/', '/')];
    const headers = request.url?.startsWith('/chunked/') === true ? {} : { 'Content-Length': body?.length ?? 0 };
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  directory = `http://127.0.0.1:${(server.address() as AddressInfo).port}/set/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('loadDataset in a page', () => {
  test('tells how much of each file has arrived', async () => {
    const told = new Map<string, DownloadProgress>();
    const dataset = await loadDataset({
      split: 'train',
      directory,
      offline: false,
      onProgress: (progress) => told.set(progress.file, progress),
    });
    expect(dataset).toMatchObject({ count: 2, height: 1, width: 2, classes: 2 });
    const lengths = Object.entries(files).map(([path, { length }]) => [path.replace('/set/', ''), length] as const);
    expect([...told].sort()).toEqual(lengths.map(([file, n]) => [file, { file, received: n, total: n }]).sort());
  });

  test('knows no total where the server tells none', async () => {
    const told: DownloadProgress[] = [];
    const chunked = directory.replace('/set/', '/chunked/set/');
    await loadDataset({
      split: 'train',
      directory: chunked,
      offline: false,
      onProgress: (progress) => told.push(progress),
    });
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.map(({ total }) => total)).toEqual(told.map(() => undefined));
  });

  test.each<Partial<LoadDatasetOptions>>([
    { offline: true },
    { pictures: { imageSize: 16 } },
    { remote: mnist },
    { environment: {} },
    { connectTimeout: 1 },
    { stallTimeout: 1 },
    { retryDelay: 1 },
    { directory: 'hf:owner/name' },
  ])('refuses %j, which only Node can do', async (options) => {
    const refused = loadDataset({ split: 'train', directory, ...options });
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(`"options.${Object.keys(options)[0] ?? ''}" is`);
  });

  test('stops by the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(loadEmbeddedDigits(10, signal)).rejects.toThrow('enough');
    await expect(loadDataset({ split: 'train', directory, signal })).rejects.toThrow('enough');
  });
});
