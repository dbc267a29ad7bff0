import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readModel } from '../../src/node/platform/model-source.js';
import { shippedModel } from '../../src/node/models/shipped-models.js';
import { DiffusionPipeline } from '../../src/pipeline/diffusion-pipeline.js';
import { exportModelFiles } from '../../src/pipeline/export-model.js';
import type { LoadProgress } from '../../src/pipeline/model-source.js';
import { encodeCheckpoint } from '../../src/training/checkpoint-format.js';
import { CheckpointError, DataError } from '../../src/utils/errors.js';
import { tinyCheckpoint, tinyModel, writeTinyRun } from '../pipeline/tiny-model.js';

const file = encodeCheckpoint(tinyCheckpoint());
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
const folder = mkdtempSync(join(tmpdir(), 'read-model-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a model of this machine', () => {
  test('by its name is drawn from as the package says', async () => {
    const { model, step } = await readModel('modern');
    const { path, sampling } = shippedModel('modern');
    expect(model.sampling).toEqual(sampling);
    const byPath = await readModel(path);
    expect(Buffer.compare(bytesOf(model.parameters), bytesOf(byPath.model.parameters))).toBe(0);
    expect(step).toBe(byPath.step);
    await expect(readModel('modrn')).rejects.toBeInstanceOf(CheckpointError);
    await expect(readModel('modrn')).rejects.toThrow(
      '"modrn" is not a model in the package (modern, quick, paper, colour, student), and there is no such checkpoint file or run folder.',
    );
  });

  test('by its path, its run folder, its address and its bytes is the same', async () => {
    const path = writeTinyRun(join(folder, 'run'));
    const told: LoadProgress[] = [];
    const onProgress = (progress: LoadProgress): void => {
      told.push(progress);
    };
    const expected = { step: 7, averaged: true, model: { parameters: tinyModel(1).parameters, guidanceWeight: 0.4 } };
    for (const source of [path, join(folder, 'run'), pathToFileURL(path), pathToFileURL(path).href, file]) {
      expect(await readModel(source, { onProgress })).toMatchObject(expected);
    }
    expect(told).toEqual(Array(3).fill({ loaded: file.length, total: file.length }));
    expect(await readModel(file, { ema: false })).toMatchObject({
      averaged: false,
      model: { parameters: tinyModel(2).parameters },
    });
    const exported = exportModelFiles(tinyModel(3)).safetensors;
    expect((await readModel(exported)).model.parameters).toEqual(tinyModel(3).parameters);
    await expect(readModel(exported, { ema: false })).rejects.toThrow(
      'the model: an exported model has one set of weights',
    );
  });

  test('is not read once the signal is aborted', async () => {
    const reason = new Error('enough');
    await expect(readModel(file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(DiffusionPipeline.load(file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('a model of a server', () => {
  let server: Server;
  let url: string;
  let requests: IncomingMessage[];
  let served: { body: Uint8Array; etag?: string; modified?: string; status?: number; type?: string; stall?: boolean };
  let cache: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      const { body, etag, modified, status = 200, type = 'application/octet-stream', stall } = served;
      if (etag !== undefined) response.setHeader('ETag', etag);
      if (modified !== undefined) response.setHeader('Last-Modified', modified);
      const { 'if-none-match': none, 'if-modified-since': since } = request.headers;
      if (
        (etag !== undefined && none === etag) ||
        (none === undefined && modified !== undefined && since === modified)
      ) {
        response.writeHead(304).end();
        return;
      }
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length });
      if (stall === true) response.write(body.subarray(0, 1000));
      else response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/model.safetensors`;
  });
  beforeEach(() => {
    cache = mkdtempSync(join(folder, 'cache-'));
    vi.stubEnv('DIFFUSION_CACHE_DIR', cache);
    requests = [];
    served = { body: file, etag: '"one"' };
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const kept = (): string[] => readdirSync(join(cache, 'models')).map((name) => join(cache, 'models', name));
  const keptFile = (): string => kept().find((path) => path.endsWith('.safetensors')) ?? '';

  test('is downloaded once as long as its ETag stays, with its bytes counted', async () => {
    const told: LoadProgress[] = [];
    const onProgress = (progress: LoadProgress): void => {
      told.push(progress);
    };
    const first = await readModel(url, { onProgress });
    expect(first).toMatchObject({ step: 7, model: { parameters: tinyModel(1).parameters } });
    expect(told.at(-1)).toEqual({ loaded: file.length, total: file.length });
    expect(told.every(({ loaded, total }, i) => total === file.length && loaded > (told[i - 1]?.loaded ?? 0))).toBe(
      true,
    );
    expect(Buffer.compare(readFileSync(keptFile()), file)).toBe(0);
    expect(await readModel(new URL(url))).toEqual(first);
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"one"']);

    const another = { ...tinyCheckpoint(), step: 8 };
    served = { body: encodeCheckpoint(another), etag: '"two"' };
    expect((await readModel(url)).step).toBe(8);
    expect((await readModel(url)).step).toBe(8);
    expect(requests.map(({ headers }) => headers['if-none-match']).slice(2)).toEqual(['"one"', '"two"']);
  });

  test('is downloaded once as long as its date stays, where there is no ETag', async () => {
    const modified = 'Wed, 21 Oct 2015 07:28:00 GMT';
    served = { body: file, modified };
    await readModel(url);
    expect((await readModel(url)).step).toBe(7);
    expect(requests.map(({ headers }) => headers['if-modified-since'])).toEqual([undefined, modified]);
  });

  test('is downloaded again where the copy was damaged, or its note', async () => {
    await readModel(url);
    const path = keptFile();
    writeFileSync(path, readFileSync(path).fill(0, 5000, 5010));
    expect((await readModel(url)).step).toBe(7);
    expect(Buffer.compare(readFileSync(path), file)).toBe(0);
    writeFileSync(`${path}.json`, '{"url"');
    expect((await readModel(url)).step).toBe(7);
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined, undefined]);
  });

  test('is the copy, which is said, where the server cannot be reached; without one that is an error', async () => {
    const gone = 'http://127.0.0.1:9/model.safetensors';
    await expect(readModel(gone)).rejects.toBeInstanceOf(DataError);
    await expect(readModel(gone)).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:9\/model\.safetensors: cannot be downloaded \(/,
    );
    await readModel(url);
    const path = keptFile();
    const names = kept();
    const { sha256Hex } = await import('../../src/node/platform/sha256.js');
    const nameOfGone = join(cache, 'models', `${sha256Hex(new TextEncoder().encode(gone))}.safetensors`);
    for (const name of names) copyFileSync(name, name.replace(path, nameOfGone));
    const messages: string[] = [];
    const { step } = await readModel(gone, { onMessage: (text) => messages.push(text) });
    expect(step).toBe(7);
    expect(messages).toEqual([expect.stringContaining(`Using the copy in ${nameOfGone}.`) as string]);
  });

  test('is neither kept nor looked for without the cache', async () => {
    await readModel(url, { cache: false });
    await readModel(url, { cache: false });
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
    expect(readdirSync(cache)).toEqual([]);
  });

  test('is used also where it cannot be kept, which is said', async () => {
    writeFileSync(join(cache, 'models'), 'a file where a folder should be');
    const messages: string[] = [];
    expect((await readModel(url, { onMessage: (text) => messages.push(text) })).step).toBe(7);
    expect(messages).toEqual([
      expect.stringMatching(/^cannot write .*part of the path is a file.*; the model is used, and not kept/) as string,
    ]);
  });

  test('that is missing, or a page, or no model says so and is not kept', async () => {
    served = { body: new Uint8Array(0), status: 404 };
    await expect(readModel(url)).rejects.toThrow(`${url}: the server answers 404.`);
    served = { body: new TextEncoder().encode('<html>'), type: 'text/html; charset=utf-8' };
    await expect(readModel(url)).rejects.toThrow(`${url}: the server answers with a page instead of a file.`);
    expect(readdirSync(cache)).toEqual([]);
    served = { body: new TextEncoder().encode('Dear model') };
    await expect(readModel(url)).rejects.toThrow(`${url}: not a valid safetensors file`);
  });

  test('is not waited for once the signal is aborted', async () => {
    served = { body: file, stall: true };
    const abort = new AbortController();
    const reason = new Error('enough');
    const loading = readModel(url, {
      signal: abort.signal,
      onProgress: () => {
        abort.abort(reason);
      },
    });
    await expect(loading).rejects.toBe(reason);
    expect(readdirSync(cache)).toEqual([]);
  });
});
