import {
  loadInceptionWeights,
  type LoadInceptionWeightsOptions,
} from '../../../src/node/evaluation/inception-weights.js';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  publishedInceptionWeights,
  type InceptionWeights,
  type RemoteWeights,
} from '../../../src/evaluation/inception/weights.js';
import { DataError } from '../../../src/utils/errors.js';
import { FlakyServer, serve, serveOnly } from '../../data/flaky-server.js';
import { torchFile } from '../../golden/torch-archives.js';

const content = torchFile('module, legacy');
const sha256 = createHash('sha256').update(content).digest('hex');

let folder: string;
let server: FlakyServer;
let remote: RemoteWeights;
let cached: string;
let messages: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weights-'));
  server = new FlakyServer();
  const name = `weights-${sha256.slice(0, 8)}.pth`;
  remote = { name, urls: [`${await server.start()}${name}`], sha256 };
  cached = join(folder, 'inception', name);
  messages = [];
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const load = (options: LoadInceptionWeightsOptions = {}): Promise<InceptionWeights> =>
  loadInceptionWeights({
    remote,
    environment: { DIFFUSION_CACHE_DIR: folder },
    onMessage: (text) => messages.push(text),
    retryDelay: 10,
    ...options,
  });

function expectLoaded(weights: InceptionWeights, source = cached): void {
  expect(weights).toMatchObject({ source, sha256, published: true });
  expect(weights.tensors.get('0.weight')?.shape).toEqual([2, 1, 3, 3]);
}

describe('Inception weights', () => {
  it('are downloaded once, taken up where the connection broke, with progress', async () => {
    server.handler = (request, response, n) => {
      if (n === 1) serveOnly(500, 'close', request, response, content);
      else serve(request, response, content);
    };
    const received: number[] = [];
    expectLoaded(await load({ onProgress: (progress) => received.push(progress.received) }));
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=500-']);
    expect(received.at(-1)).toBe(content.length);
    expect(messages).toEqual([`downloading the Inception weights to ${cached}`]);

    expectLoaded(await load());
    expectLoaded(await load({ offline: true }));
    expect(server.requests).toHaveLength(2);
  });

  it('are never kept with another hash, and the way out is named', async () => {
    server.handler = (request, response) => {
      serve(request, response, randomBytes(1000));
    };
    const failed = load();
    await expect(failed).rejects.toThrow(DataError);
    await expect(failed).rejects.toThrow(
      new RegExp(
        `has SHA-256 [0-9a-f]{64}; expected ${sha256}.*; download ${remote.urls[0] ?? ''} on another machine and give its path`,
      ),
    );
    expect(readdirSync(dirname(cached))).toEqual([]);
  });

  it('are downloaded anew where the cached file is damaged', async () => {
    mkdirSync(dirname(cached));
    writeFileSync(cached, content.subarray(1));
    server.handler = (request, response) => {
      serve(request, response, content);
    };
    expectLoaded(await load());
    expect(messages[0]).toContain(`the cached weights cannot be used: ${cached} has SHA-256`);
    expect(readFileSync(cached).equals(content)).toBe(true);
  });

  it('are asked for where there is no network', async () => {
    await expect(load({ offline: true })).rejects.toThrow(
      `no Inception weights at ${cached}; download ${remote.urls[0] ?? ''}`,
    );
    expect(server.requests).toEqual([]);
  });

  it('come from a given file alone', async () => {
    const path = join(folder, 'mine.pth');
    await expect(load({ path })).rejects.toThrow(`cannot read the Inception weights ${path}`);
    writeFileSync(path, content);
    expectLoaded(await load({ path }), path);
    expect([messages, server.requests]).toEqual([[], []]);
  });

  it('of another file are used, but never taken for the published ones', async () => {
    const path = join(folder, 'mine.pth');
    writeFileSync(path, torchFile('module, zip'));
    expect(await load({ path })).toMatchObject({ published: false });
    expect(messages).toEqual([
      expect.stringMatching(/mine\.pth is not weights-.*: distances over its features are not FID/),
    ]);
  });

  it('must have the hash that their name promises', async () => {
    const path = join(folder, 'weights-01234567.pth');
    writeFileSync(path, content);
    await expect(load({ path })).rejects.toThrow(`${path} has SHA-256 ${sha256}; expected 01234567`);
  });

  it('are published under a name that promises their hash', () => {
    const { name, urls, sha256: published } = publishedInceptionWeights;
    for (const each of [name, ...urls]) expect(each).toMatch(new RegExp(`-${published.slice(0, 8)}\\.pth$`));
  });
});
