import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download, type DownloadOptions } from '../../../src/node/data/download.js';
import { DataError, WriteError } from '../../../src/utils/errors.js';
import { FlakyServer, serve, serveOnly } from '../../data/flaky-server.js';

const content = randomBytes(300_000);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let folder: string;
let path: string;
let servers: FlakyServer[];
let bases: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'download-'));
  path = join(folder, 'cache', 'file.gz');
  servers = [new FlakyServer(), new FlakyServer()];
  bases = await Promise.all(servers.map((server) => server.start()));
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const first = (): FlakyServer => servers[0] as FlakyServer;
const second = (): FlakyServer => servers[1] as FlakyServer;

function run(options: Partial<DownloadOptions<number>> = {}): Promise<number> {
  return download({
    urls: bases.map((base) => `${base}file.gz`),
    path,
    accept: (part) => {
      const bytes = readFileSync(part);
      return sha256(bytes) === sha256(content)
        ? Promise.resolve(bytes.length)
        : Promise.reject(new DataError('wrong SHA-256'));
    },
    stallTimeout: 300,
    connectTimeout: 2000,
    retryDelay: 10,
    ...options,
  });
}

function expectComplete(): void {
  expect(sha256(readFileSync(path))).toBe(sha256(content));
  expect(readdirSync(join(folder, 'cache'))).toEqual(['file.gz']);
}

describe('download', () => {
  it('fetches, accepts, and reports its progress', async () => {
    first().handler = (request, response) => {
      serve(request, response, content);
    };
    const progress: number[] = [];
    const returned = await run({
      onProgress: ({ file, received, total }) => {
        expect([file, total]).toEqual(['file.gz', content.length]);
        progress.push(received);
      },
    });
    expect(returned).toBe(content.length);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(content.length);
    expect(second().requests).toEqual([]);
    expectComplete();
  });

  it.each(['close', 'stall'] as const)('resumes where a server did %s, as long as it delivers', async (fault) => {
    first().handler = (request, response, n) => {
      if (n <= 2) serveOnly(100_000, fault, request, response, content);
      else serve(request, response, content);
    };
    await run();
    expect(first().requests.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      ['bytes=100000-', '"v1"'],
      ['bytes=200000-', '"v1"'],
    ]);
    expect(second().requests).toEqual([]);
    expectComplete();
  });

  it('resumes what an earlier process left behind', async () => {
    first().handler = (request, response, n) => {
      if (n === 1) serveOnly(100_000, 'close', request, response, content);
      else response.writeHead(404).end();
    };
    second().handler = (_, response) => response.writeHead(404).end();
    await expect(run()).rejects.toThrow('404');
    expect(readFileSync(`${path}.part`).equals(content.subarray(0, 100_000))).toBe(true);

    first().handler = (request, response) => {
      serve(request, response, content);
    };
    await run();
    expect(first().requests.at(-1)?.range).toBe('bytes=100000-');
    expectComplete();
  });

  it('starts anew where the file has changed meanwhile', async () => {
    first().handler = (request, response, n) => {
      if (n === 1) serveOnly(100_000, 'close', request, response, randomBytes(content.length), '"old"');
      else serve(request, response, content, '"new"');
    };
    await run();
    expect(first().requests[1]?.ifRange).toBe('"old"');
    expectComplete();
  });

  it('starts anew where the pieces do not fit together', async () => {
    first().handler = (request, response, n) => {
      if (n === 1) serveOnly(100_000, 'close', request, response, randomBytes(content.length));
      else serve(request, response, content);
    };
    await run();
    expect(first().requests.map(({ range }) => range)).toEqual([undefined, 'bytes=100000-', undefined]);
    expectComplete();
  });

  it('starts anew at a server that refuses ranges, sends another one, or gives nothing to resume by', async () => {
    const refusals: ((n: number, ...args: Parameters<FlakyServer['handler']>) => void)[] = [
      (_n, _request, response) => response.writeHead(416).end(),
      (_n, _request, response) => {
        response.writeHead(206, { 'content-range': `bytes 0-9/${content.length}` }).end(content.subarray(0, 10));
      },
      (_n, _request, response) => {
        response.writeHead(200, { 'content-length': content.length }).end(content);
      },
    ];
    for (const refuse of refusals) {
      first().requests.length = 0;
      first().handler = (request, response, n) => {
        if (n === 1) serveOnly(100_000, 'close', request, response, content);
        else if (n === 2) refuse(n, request, response, n);
        else serve(request, response, content);
      };
      await run({ urls: [`${bases[0] as string}file.gz`] });
      expectComplete();
    }
    first().requests.length = 0;
    first().handler = (request, response, n) => {
      if (n === 1) serveOnly(100_000, 'close', request, response, content, null);
      else serve(request, response, content);
    };
    await run({ urls: [`${bases[0] as string}file.gz`] });
    expect(first().requests.map(({ range }) => range)).toEqual([undefined, undefined]);
    expectComplete();
  });

  it.each([404, 500])('asks the next mirror on status %i', async (status) => {
    first().handler = (_request, response) => {
      response.writeHead(status).end();
    };
    second().handler = (request, response) => {
      serve(request, response, content);
    };
    await run();
    expect(first().requests).toHaveLength(1);
    expectComplete();
  });

  it('asks the next mirror for a file with another checksum, and never keeps it', async () => {
    first().handler = (request, response) => {
      serve(request, response, randomBytes(1000));
    };
    second().handler = (request, response) => {
      expect(existsSync(path)).toBe(false);
      serve(request, response, content);
    };
    await run();
    expectComplete();
  });

  it('asks again where every mirror had a passing fault', async () => {
    for (const server of servers) server.handler = (_, response) => response.writeHead(503).end();
    second().handler = (request, response, n) => {
      if (n < 3) response.writeHead(503).end();
      else serve(request, response, content);
    };
    await run();
    expect(first().requests).toHaveLength(3);
    expectComplete();
  });

  it('gives the reason for each mirror in one sentence', async () => {
    first().handler = (request, response) => {
      serve(request, response, randomBytes(1000));
    };
    second().handler = (_, response) => response.writeHead(403).end();
    const [a, b] = bases.map((base) => new URL(base).host) as [string, string];
    const failed = run();
    await expect(failed).rejects.toThrow(DataError);
    await expect(failed).rejects.toThrow(`cannot download file.gz (${a}: wrong SHA-256; ${b}: HTTP status 403)`);
    expect([first().requests.length, second().requests.length]).toEqual([1, 1]);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  it('fails at once where nobody is there, and soon where nobody answers', async () => {
    await Promise.all(servers.map((server) => server.stop()));
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const urls = [
      `${bases[0] as string}file.gz`,
      'http://no-such-host.invalid/file.gz',
      `http://127.0.0.1:${port}/file.gz`,
    ];
    const start = performance.now();
    await expect(run({ urls, connectTimeout: 300, retryDelay: 10_000 })).rejects.toThrow(
      /: connection refused; no-such-host.invalid: .*; 127.0.0.1:\d+: no answer within 0.3 s\)/,
    );
    expect(performance.now() - start).toBeLessThan(5000);
    silent.close();
  });

  it('stops when told to, keeping what it has', async () => {
    const controller = new AbortController();
    first().handler = (request, response) => {
      serveOnly(100_000, 'stall', request, response, content);
    };
    const stopped = run({
      signal: controller.signal,
      stallTimeout: 10_000,
      onProgress: ({ received }) => {
        if (received === 100_000) controller.abort(new Error('Ctrl-C'));
      },
    });
    await expect(stopped).rejects.toThrow('Ctrl-C');
    expect(readFileSync(`${path}.part`).length).toBe(100_000);
    expect(second().requests).toEqual([]);
  });

  it('takes no more bytes than the file has', async () => {
    const heads = [{ 'content-length': 10 ** 12 }, {}];
    for (const [i, base] of bases.entries()) {
      (servers[i] as FlakyServer).handler = (_, response) => {
        response.writeHead(200, { etag: '"x"', ...heads[i] });
        const send = (): void => {
          if (!response.destroyed) response.write(content, () => setImmediate(send));
        };
        send();
      };
      const received: number[] = [];
      const tried = run({
        urls: [`${base}file.gz`],
        size: content.length - 1,
        onProgress: (progress) => {
          received.push(progress.received);
        },
      });
      await expect(tried).rejects.toThrow(`more than the ${content.length - 1} bytes that the file has`);
      expect(Math.max(0, ...received)).toBeLessThan(content.length);
      expect(readdirSync(join(folder, 'cache'))).toEqual([]);
    }
  });

  it('twice at the same time: both complete', async () => {
    first().handler = (request, response) => {
      setTimeout(() => {
        serveOnly(100_000, 'stall', request, response, content);
      }, 50);
    };
    second().handler = (request, response) => {
      serve(request, response, content);
    };
    expect(await Promise.all([run(), run()])).toEqual([content.length, content.length]);
    expectComplete();
  });

  it('goes on with what a killed process left', async () => {
    mkdirSync(join(folder, 'cache'));
    // No process has a number beyond 2^22.
    const left = `${path}.4194305-0.part`;
    writeFileSync(left, content.subarray(0, 1000));
    writeFileSync(`${left}.json`, JSON.stringify({ url: `${bases[0] as string}file.gz`, validator: '"v1"' }));
    writeFileSync(`${path}.1-0.part`, 'of a process that runs');
    first().handler = (request, response) => {
      serve(request, response, content);
    };
    await run();
    expect(first().requests.map(({ range }) => range)).toEqual(['bytes=1000-']);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['file.gz', 'file.gz.1-0.part']);
  });

  it('names a folder it may not write to', async () => {
    writeFileSync(join(folder, 'cache'), 'a file');
    await expect(run()).rejects.toThrow(WriteError);
    await expect(run()).rejects.toThrow(
      `cannot write ${join(folder, 'cache')}: part of the path is a file, not a folder`,
    );
  });
});
