import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import {
  downloadRepository,
  pinHubAddress,
  type DownloadRepositoryOptions,
} from '../../../src/node/hub/download-repository.js';
import { isInside } from '../../../src/node/hub/repository-cache.js';
import { ConfigError, DataError } from '../../../src/utils/errors.js';
import { serveOnly } from '../../data/flaky-server.js';
import { HubServer, type HubRepository } from '../../data/hub-server.js';

const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);
const OTHER = 'decade'.repeat(7).slice(0, 40);
const large = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251);

let root: string;
let server: HubServer;
let endpoint: string;
let messages: string[];
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'hub-'));
  server = new HubServer();
  endpoint = await server.start();
  messages = [];
  server.repositories.push(repository());
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const repository = (others: Partial<HubRepository> = {}): HubRepository => ({
  kind: 'dataset',
  name: 'me/pets',
  commit: COMMIT,
  files: {
    'README.md': Buffer.from('# Pets\n'),
    'data/a b#ü.png': Buffer.from('a picture'),
    'data/train-00000-of-00001.parquet': large,
    'empty.txt': new Uint8Array(0),
  },
  ...others,
});

function run(
  address = 'hf:me/pets',
  options: Partial<DownloadRepositoryOptions> = {},
  environment: Record<string, string> = {},
) {
  return downloadRepository(address, {
    kind: 'dataset',
    environment: { DIFFUSION_CACHE_DIR: join(root, 'cache'), HF_ENDPOINT: endpoint, ...environment },
    onMessage: (text) => void messages.push(text),
    retryDelay: 5,
    stallTimeout: 300,
    ...options,
  });
}

const failure = async (...given: Parameters<typeof run>): Promise<string> => {
  const error: unknown = await run(...given).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
};

function expectFiles(folder: string, files: HubRepository['files']): void {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(found.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()).toEqual(
    Object.keys(files).sort(),
  );
  for (const [name, content] of Object.entries(files)) {
    expect(Buffer.from(content).equals(readFileSync(join(folder, name))), name).toBe(true);
  }
}

describe('listings that are no listings', () => {
  const good = { type: 'file', path: 'README.md', size: 7, oid: 'a'.repeat(40) };
  it.each<[string, unknown, string]>([
    ['no size', [{ type: 'file', path: 'README.md' }], 'lists the file README.md without a size or hash'],
    ['half a byte', [{ ...good, size: 1.5 }], 'without a size or hash'],
    ['no hash', [{ ...good, oid: 'x' }], 'without a size or hash'],
    ['a file twice', [good, good], 'lists the file README.md twice'],
    ['no path', [{ type: 'file', size: 1 }], 'a path that is not downloaded'],
    ['control characters', [{ ...good, path: 'a\u001b[31m.md' }], 'a path that is not downloaded'],
    ['nothing', [null], 'answers as no Hub does'],
    ['an object', {}, 'answers as no Hub does'],
  ])('%s', async (_, listing, problem) => {
    server.fault = (_request, response, path) => {
      if (!path.includes('/tree/')) return false;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(listing));
      return true;
    };
    const message = await failure();
    expect(message).toContain(problem);
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(existsSync(join(root, 'cache/hub/datasets--me--pets', `${COMMIT}.json`))).toBe(false);
  });
});

describe('a repository', () => {
  it('comes whole, large files by a redirect, with the commit and the progress in bytes', async () => {
    const progress: [number, number | undefined][] = [];
    const result = await run('hf:me/pets', { onProgress: ({ received, total }) => progress.push([received, total]) });
    expect(result.address).toBe(`hf:me/pets@${COMMIT}`);
    expectFiles(result.folder, repository().files);
    const total = large.length + 7 + 9;
    expect(progress.at(-1)).toEqual([total, total]);
    expect(messages).toEqual([`downloading hf:me/pets@${COMMIT} (4 files of 4) to ${result.folder}`]);
    expect(server.requests.some((request) => request.server === 'storage')).toBe(true);
  });

  it('only what is wanted, and only a folder of it', async () => {
    const { folder } = await run('hf:me/pets', { wanted: (path) => path.endsWith('.md') });
    expectFiles(folder, { 'README.md': Buffer.from('# Pets\n') });
    const below = await run('hf:me/pets/data@main', { wanted: (path) => path.endsWith('.png') });
    expect([below.folder, below.address]).toEqual([join(folder, 'data'), `hf:me/pets/data@${COMMIT}`]);
    expect(readdirSync(below.folder)).toEqual(['a b#ü.png']);
  });

  it('a model, and a revision with a slash in its name', async () => {
    server.repositories.push(repository({ kind: 'model', files: { 'config.json': Buffer.from('{}') } }));
    const { folder } = await run('hf:me/pets@refs/convert/parquet', { kind: 'model' });
    expectFiles(folder, { 'config.json': Buffer.from('{}') });
    expect(server.requests.map(({ path }) => path).filter((path) => path.includes('datasets'))).toEqual([]);
  });

  it('once in the cache, a commit needs no network, and a branch only to ask for its commit', async () => {
    const { folder, address } = await run();
    server.requests.length = 0;
    await run(address);
    expect(server.requests).toEqual([]);
    await run();
    expect(server.requests.map(({ path }) => path.replace(/\?.*/, ''))).toEqual([
      '/api/datasets/me/pets/revision/main',
    ]);
    await server.stop();
    expect(await run(address, { offline: true })).toMatchObject({ folder, address });
    expect(await run('hf:me/pets', { offline: true })).toMatchObject({ folder, address });
    messages.length = 0;
    expect(await run('hf:me/pets')).toMatchObject({ folder, address });
    expect(messages).toEqual([
      expect.stringMatching(/cannot reach 127\.0\.0\.1:\d+ \(connection refused\).* The cache has commit c0ffee/),
    ]);
    server = new HubServer();
    await server.start();
  });

  it('another commit of a branch is another folder', async () => {
    const before = await run();
    server.repositories.splice(0, 1, repository({ commit: OTHER, files: { 'new.txt': Buffer.from('new') } }));
    const after = await run();
    expect(after.address).toBe(`hf:me/pets@${OTHER}`);
    expectFiles(after.folder, { 'new.txt': Buffer.from('new') });
    expectFiles(before.folder, repository().files);
    expect(
      await pinHubAddress('hf:me/pets', {
        kind: 'dataset',
        environment: { DIFFUSION_CACHE_DIR: join(root, 'cache'), HF_ENDPOINT: endpoint },
      }),
    ).toBe(after.address);
  });

  it('a private one by HF_TOKEN, which does not reach the storage', async () => {
    server.repositories.splice(0, 1, repository({ token: 'hf_secret' }));
    expect(await failure()).toMatch(
      /^hf:me\/pets: 127\.0\.0\.1:\d+ has no dataset of this name, or it is private; check the name, or set HF_TOKEN/,
    );
    expect(await failure('hf:me/pets', {}, { HF_TOKEN: 'hf_wrong' })).toContain(
      'or use a token in HF_TOKEN that may read it',
    );
    server.requests.length = 0;
    const { folder } = await run('hf:me/pets', {}, { HF_TOKEN: 'hf_secret' });
    expectFiles(folder, repository().files);
    for (const request of server.requests) {
      expect(request.authorization).toBe(request.server === 'hub' ? 'Bearer hf_secret' : undefined);
    }
  });
});

describe('transfers that fail', () => {
  it('a body that ends early is taken up where it ended', async () => {
    let cuts = 0;
    server.fault = (request, response, path) => {
      if (request.method !== 'GET' || !/^\/\w{64}\?/.test(path) || ++cuts > 3) return false;
      serveOnly(50_000, 'close', request, response, large, etagOf(path));
      return true;
    };
    const { folder } = await run();
    expectFiles(folder, repository().files);
    const ranges = server.requests.filter((request) => request.server === 'storage').map(({ range }) => range);
    expect(ranges).toEqual([undefined, 'bytes=50000-', 'bytes=100000-', 'bytes=150000-']);
  });

  it('an interrupted download goes on in the next process', async () => {
    const controller = new AbortController();
    server.fault = (request, response, path) => {
      if (!/^\/\w{64}\?/.test(path)) return false;
      serveOnly(120_000, 'stall', request, response, large, etagOf(path));
      return true;
    };
    const stopped = run('hf:me/pets', {
      signal: controller.signal,
      stallTimeout: 10_000,
      onProgress: ({ received }) => {
        if (received >= 120_000) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    const folder = join(root, 'cache/hub/datasets--me--pets', COMMIT);
    expect(existsSync(join(folder, 'data/train-00000-of-00001.parquet'))).toBe(false);
    expect(existsSync(join(folder, 'data/train-00000-of-00001.parquet.part'))).toBe(true);
    server.fault = () => false;
    server.requests.length = 0;
    await run();
    expectFiles(folder, repository().files);
    expect(server.requests.filter((request) => request.server === 'storage')).toMatchObject([
      { range: 'bytes=120000-' },
    ]);
  });

  it.each([
    [
      'other bytes of the same size',
      (content: Uint8Array) => Uint8Array.from(content, (byte) => byte ^ 1),
      /has hash \w{64}; expected \w{64}\); run again/,
    ],
    ['fewer bytes', (content: Uint8Array) => content.subarray(1), /has 199999 bytes; expected 200000\); run again/],
  ])('%s: refused, and nothing is left', async (_, change, problem) => {
    server.fault = (_request, response, path) => {
      if (!/^\/\w{64}\?/.test(path)) return false;
      response.writeHead(200).end(change(large));
      return true;
    };
    expect(await failure()).toMatch(problem);
    const folder = join(root, 'cache/hub/datasets--me--pets', COMMIT, 'data');
    expect(readdirSync(folder)).toEqual(['a b#ü.png']);
  });

  it("a small file's hash is that of git", async () => {
    server.fault = (_request, response, path) => {
      if (!path.endsWith('/README.md')) return false;
      response.writeHead(200).end('# Pots\n');
      return true;
    };
    expect(await failure()).toMatch(/README\.md has hash \w{40}; expected \w{40}/);
  });

  it('the server fails for the moment: asked again; for good: said', async () => {
    let failures = 0;
    server.fault = (_request, response) => {
      if (++failures > 2) return false;
      response.writeHead(failures === 1 ? 500 : 429).end('overloaded');
      return true;
    };
    expectFiles((await run()).folder, repository().files);
    server.fault = (_request, response) => {
      response.writeHead(500).end('down');
      return true;
    };
    rmSync(join(root, 'cache'), { recursive: true });
    expect(await failure()).toMatch(/: 127\.0\.0\.1:\d+ answers with HTTP status 500; try again later$/);
  });

  it('a file cut short in the cache is fetched again, a damaged listing too', async () => {
    const { folder } = await run();
    truncateSync(join(folder, 'README.md'), 2);
    writeFileSync(`${folder}.json`, '{"files": [');
    await run();
    expectFiles(folder, repository().files);
  });
});

describe('errors of one sentence', () => {
  it('a repository, or a revision, that is not there', async () => {
    expect(await failure('hf:me/nothing')).toMatch(/^hf:me\/nothing: .* has no dataset of this name, or it is private/);
    expect(await failure('hf:me/pets@v9')).toMatch(
      /^hf:me\/pets@v9: .* has no such revision of this dataset; check what stands behind the @/,
    );
  });

  it('one whose conditions must be accepted', async () => {
    server.repositories.splice(0, 1, repository({ gated: true }));
    expect(await failure()).toBe(
      `hf:me/pets@${COMMIT}: access is restricted; accept its conditions at ${endpoint}/datasets/me/pets, and set HF_TOKEN to a token of that account`,
    );
  });

  it('no network, and nothing in the cache', async () => {
    const gone = { HF_ENDPOINT: 'http://127.0.0.1:9' };
    expect(await failure('hf:me/pets', {}, gone)).toMatch(
      /cannot reach 127\.0\.0\.1:9 \(.+\); connect to the network and run again$/,
    );
    expect(await failure('hf:me/pets', { offline: true })).toContain(
      'not in the cache, and nothing is downloaded (offline)',
    );
    expect(await failure(`hf:me/pets@${COMMIT}`, { offline: true })).toContain('not in the cache');
    await run('hf:me/pets', { wanted: (path) => path.endsWith('.md') });
    expect(await failure('hf:me/pets', { offline: true })).toContain('3 of 4 files not in the cache');
  });

  it('a server that does not answer', async () => {
    server.fault = () => true;
    expect(await failure('hf:me/pets', { connectTimeout: 50 })).toMatch(/cannot reach .* \(no answer\)/);
  });

  it.each([
    'hf:pets',
    'hf:',
    'hf:me/pets/../x',
    'hf:../me',
    'hf:me/pets@',
    'hf:me/pets@a/../b',
    'hf:me/pe ts',
    'me/pets',
  ])('%s is no address', async (address) => {
    expect(await failure(address)).toContain('is no address of the Hub; expected hf:owner/name');
  });

  it('a token or an endpoint of another form', async () => {
    await expect(run('hf:me/pets', {}, { HF_TOKEN: 'secret' })).rejects.toThrow(ConfigError);
    await expect(run('hf:me/pets', {}, { HF_TOKEN: 'secret' })).rejects.toThrow(
      /^HF_TOKEN is no token of the Hub; expected hf_/,
    );
    await expect(run('hf:me/pets', {}, { HF_ENDPOINT: 'localhost' })).rejects.toThrow(
      'HF_ENDPOINT is "localhost"; expected',
    );
  });

  it('paths that lead out of the folder are not written', async () => {
    server.repositories.splice(0, 1, repository({ files: { '../../evil.png': Buffer.from('x') } }));
    expect(await failure()).toContain('has a file "../../evil.png", a path that is not downloaded');
    expect(existsSync(join(root, 'cache/hub/evil.png'))).toBe(false);
  });
});

test.each([
  ['a/b.png', true],
  ['.gitattributes', true],
  ['a..b/...c', true],
  ['..', false],
  ['a/../b', false],
  ['./a', false],
  ['/a', false],
  ['a//b', false],
  ['a\\b', false],
  ['c:a', false],
  ['', false],
  ['a/', false],
])('%j is inside: %s', (path, inside) => {
  expect(isInside(path)).toBe(inside);
});

/** The storage's validator is the hash, which is the path. */
const etagOf = (path: string): string => `"${path.slice(1, 65)}"`;
