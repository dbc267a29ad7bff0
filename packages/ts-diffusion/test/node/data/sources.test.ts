import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDataset } from '../../../src/data/dataset.js';
import { encodeIdx } from '../../../src/data/idx.js';
import type { RemoteDataset } from '../../../src/data/mnist.js';
import type { LoadDatasetOptions } from '../../../src/data/load-dataset-options.js';
import { loadDataset } from '../../../src/node/data/sources.js';
import { DataError } from '../../../src/utils/errors.js';
import { FlakyServer, serve, serveOnly } from '../../data/flaky-server.js';

const sha256 = (...parts: Uint8Array[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** `count` images of 4x6 whose pixels count up from `start`, and their labels 0, 1, 2, 0, 1, ... */
const imagesIdx = (count: number, start = 0): Uint8Array =>
  encodeIdx({ shape: [count, 4, 6], data: Uint8Array.from({ length: count * 24 }, (_, i) => (start + i) % 256) });
const labelsIdx = (count: number): Uint8Array =>
  encodeIdx({ shape: [count], data: Uint8Array.from({ length: count }, (_, i) => i % 3) });

let folder: string;
let messages: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
  messages = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, content: Uint8Array, subfolder = 'data'): void {
  mkdirSync(join(folder, subfolder), { recursive: true });
  writeFileSync(join(folder, subfolder, name), content);
}

function load(options: Partial<LoadDatasetOptions> = {}): ReturnType<typeof loadDataset> {
  return loadDataset({
    split: 'train',
    environment: { DIFFUSION_CACHE_DIR: join(folder, 'cache') },
    onMessage: (text) => messages.push(text),
    retryDelay: 10,
    ...options,
  });
}

describe('loadDataset from a directory', () => {
  const directory = (): string => join(folder, 'data');

  it.each(['train-images-idx4-ubyte', 'train-images-idx3-ubyte'])('reads images in channels from %s', async (name) => {
    const data = Uint8Array.from({ length: 5 * 3 * 4 }, (_, i) => i);
    put(name, encodeIdx({ shape: [5, 3, 2, 2], data }));
    put('train-labels-idx1-ubyte', labelsIdx(5));
    const dataset = await load({ directory: directory() });
    expect(dataset).toMatchObject({ count: 5, channels: 3, height: 2, width: 2, classes: 3 });
    expect([...dataset.images]).toEqual([...data]);
  });

  it('reads a pair, raw or gzipped, of any size and number of classes', async () => {
    put('train-images-idx3-ubyte.gz', gzipSync(imagesIdx(5)));
    put('train-labels-idx1-ubyte', labelsIdx(5));
    const dataset = await load({ directory: directory() });
    expect(dataset).toMatchObject({ count: 5, height: 4, width: 6, classes: 3 });
    expect([...dataset.labels]).toEqual([0, 1, 2, 0, 1]);
    expect([...dataset.images.subarray(24, 27)]).toEqual([24, 25, 26]);
    expect(dataset.sha256).toBe(sha256(imagesIdx(5), labelsIdx(5)));
    expect(dataset.source).toBe(`${directory()}/train-images-idx3-ubyte.gz and train-labels-idx1-ubyte`);
    expect(messages).toEqual([]);
  });

  it('tells the splits apart', async () => {
    put('train-images-idx3-ubyte', imagesIdx(5));
    put('train-labels-idx1-ubyte', labelsIdx(5));
    put('t10k-images-idx3-ubyte', imagesIdx(2, 100));
    put('t10k-labels-idx1-ubyte', labelsIdx(2));
    expect((await load({ directory: directory() })).count).toBe(5);
    expect((await load({ directory: directory(), split: 'test' })).images[0]).toBe(100);
  });

  it.each([
    ['images-idx3-ubyte', 'labels-idx1-ubyte', 'train'],
    ['emnist-letters-train-images-idx3-ubyte.gz', 'emnist-letters-train-labels-idx1-ubyte.gz', 'train'],
    ['train-images.idx3-ubyte', 'train-labels.idx1-ubyte', 'train'],
    ['my-test-Images-IDX3', 'my-test-Labels-IDX1', 'test'],
  ] as const)('accepts the names %s and %s', async (images, labels, split) => {
    put(images, imagesIdx(4));
    put(labels, labelsIdx(4));
    put('readme.txt', new Uint8Array(3));
    expect((await load({ directory: directory(), split })).count).toBe(4);
    const other = split === 'train' ? 'test' : 'train';
    await expect(load({ directory: directory(), split: other })).rejects.toThrow(`no images of the ${other} split`);
  });

  it('prefers a raw file to its gzipped copy', async () => {
    put('train-images-idx3-ubyte', imagesIdx(4));
    put('train-images-idx3-ubyte.gz', new Uint8Array(3));
    put('train-labels-idx1-ubyte', labelsIdx(4));
    expect((await load({ directory: directory() })).count).toBe(4);
  });

  it('refuses what does not fit together, naming file and remedy', async () => {
    await expect(load({ directory: directory() })).rejects.toThrow(`cannot read the folder ${directory()}`);
    put('train-images-idx3-ubyte', imagesIdx(4));
    await expect(load({ directory: directory() })).rejects.toThrow(
      `${directory()} contains train-images-idx3-ubyte but not its labels; expected train-labels-idx1-ubyte beside it`,
    );
    put('train-labels-idx1-ubyte', labelsIdx(5));
    await expect(load({ directory: directory() })).rejects.toThrow('4 images but 5 labels; expected the same number');
    put('train-labels-idx1-ubyte', labelsIdx(4));
    await expect(load({ directory: directory(), classes: 2 })).rejects.toThrow(
      'label 2 of image 2 is out of range; expected 0..1 for 2 classes',
    );
    expect((await load({ directory: directory(), classes: 7 })).classes).toBe(7);
    put('train-labels-idx1-ubyte', labelsIdx(4).subarray(0, 9));
    await expect(load({ directory: directory() })).rejects.toThrow(
      `${directory()}/train-labels-idx1-ubyte: the header promises 4 = 4 bytes of data, the file has 1`,
    );
    put('other-train-images-idx3-ubyte', imagesIdx(4));
    await expect(load({ directory: directory() })).rejects.toThrow(
      'more than one images file of the train split (other-train-images-idx3-ubyte, train-images-idx3-ubyte)',
    );
    put('train-images-idx4-ubyte', imagesIdx(4));
    await expect(load({ directory: directory() })).rejects.toThrow('train-images-idx3-ubyte, train-images-idx4-ubyte)');
  });

  it('takes the folder from DIFFUSION_DATA_DIR, and an explicit one before it', async () => {
    put('train-images-idx3-ubyte', imagesIdx(4), 'a');
    put('train-labels-idx1-ubyte', labelsIdx(4), 'a');
    const environment = { DIFFUSION_DATA_DIR: join(folder, 'a') };
    expect((await load({ environment })).count).toBe(4);
    await expect(load({ environment, directory: join(folder, 'b') })).rejects.toThrow(join(folder, 'b'));
  });
});

describe('loadDataset from the network', () => {
  let server: FlakyServer;
  let remote: RemoteDataset;
  const files = new Map<string, Uint8Array>();
  const remoteFile = (name: string, content: Uint8Array): { name: string; sha256: string } => {
    files.set(`/${name}`, gzipSync(content));
    return { name, sha256: sha256(content) };
  };

  beforeEach(async () => {
    server = new FlakyServer();
    server.handler = (request, response) => {
      serve(request, response, files.get(request.url ?? '') ?? new Uint8Array(1));
    };
    remote = {
      name: 'Tiny',
      classes: 3,
      mirrors: [await server.start()],
      files: {
        train: { images: remoteFile('a.gz', imagesIdx(6)), labels: remoteFile('b.gz', labelsIdx(6)) },
        test: { images: remoteFile('c.gz', imagesIdx(3, 7)), labels: remoteFile('d.gz', labelsIdx(3)) },
      },
    };
  });
  afterEach(async () => {
    await server.stop();
  });

  it('downloads one split into the cache, once', async () => {
    const dataset = await load({ remote, split: 'test' });
    expect(dataset).toMatchObject({ count: 3, classes: 3, sha256: sha256(imagesIdx(3, 7), labelsIdx(3)) });
    expect(messages).toEqual([`downloading Tiny (test split) to ${folder}/cache/tiny`]);
    expect(readdirSync(join(folder, 'cache/tiny')).sort()).toEqual(['c.gz', 'd.gz']);
    expect(server.requests).toHaveLength(2);
    expect(await load({ remote, split: 'test' })).toEqual(dataset);
    expect(await load({ remote, split: 'test', offline: true })).toEqual(dataset);
    expect(server.requests).toHaveLength(2);
  });

  it('notices a damaged cache and downloads anew', async () => {
    const { sha256: good } = await load({ remote });
    for (const damaged of [gzipSync(imagesIdx(6, 1)), (files.get('/a.gz') as Uint8Array).subarray(0, 20)]) {
      messages.length = 0;
      put('a.gz', damaged, 'cache/tiny');
      expect((await load({ remote })).sha256).toBe(good);
      expect(messages[0]).toMatch(/^the cached data cannot be used: /);
      expect(readFileSync(join(folder, 'cache/tiny/a.gz')).equals(files.get('/a.gz') as Uint8Array)).toBe(true);
    }
  });

  it('falls back to the embedded digits, saying so and why', async () => {
    server.handler = (_, response) => response.writeHead(404).end();
    const dataset = await load({ remote });
    expect(dataset.count).toBe(10_000);
    expect(messages.at(-1)).toMatch(
      /^using the first 10,000 MNIST training digits \(embedded in the package\): cannot download b.gz \(127.0.0.1:\d+: HTTP status 404\)\. For the full Tiny set, connect/,
    );
  });

  it('never falls back where the labels are out of range or the user interrupts', async () => {
    await expect(load({ remote, classes: 2 })).rejects.toThrow('label 2 of image 2 is out of range');
    await expect(load({ remote, split: 'test', signal: AbortSignal.abort(new Error('Ctrl-C')) })).rejects.toThrow(
      'Ctrl-C',
    );
  });

  it('stops at once when the user interrupts a download, and goes on with what is there', async () => {
    const content = files.get('/b.gz') as Uint8Array;
    server.handler = (request, response) => {
      serveOnly(20, 'stall', request, response, content);
    };
    const interrupt = new AbortController();
    const begin = performance.now();
    const interrupted = load({
      remote,
      signal: interrupt.signal,
      onProgress: ({ received }) => {
        if (received === 20) interrupt.abort();
      },
    });
    await expect(interrupted).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(readFileSync(join(folder, 'cache/tiny/b.gz.part')).length).toBe(20);

    server.requests.length = 0;
    server.handler = (request, response) => {
      serve(request, response, files.get(request.url ?? '') ?? new Uint8Array(1));
    };
    expect((await load({ remote })).count).toBe(6);
    expect(server.requests[0]?.range).toBe('bytes=20-');
  });

  it('refuses to pass training digits off as held-out ones', async () => {
    const failed = load({ remote, split: 'test', offline: true });
    await expect(failed).rejects.toThrow(DataError);
    await expect(failed).rejects.toThrow(
      'test digits need the full Tiny set (offline), since the embedded digits have no test split',
    );
    expect(server.requests).toEqual([]);
  });
});

describe('the embedded digits', () => {
  it('are the first 10,000 images of the MNIST training set, class by class', async () => {
    const start = performance.now();
    const dataset = await load({ offline: true });
    expect(performance.now() - start).toBeLessThan(5000);
    expect(dataset).toMatchObject({ count: 10_000, height: 28, width: 28, classes: 10 });
    expect([...dataset.labels]).toEqual([...dataset.labels].sort());
    // Origin: the first 10,000 of train-images-idx3-ubyte and train-labels-idx1-ubyte (the files of src/data/mnist.ts), stably
    // sorted by label, as an IDX images file followed by an IDX labels file; sorted and hashed by Python 3 (struct, hashlib).
    expect(dataset.sha256).toBe('168851764686d3872cfe40115767814cb012d6129723489f5a2c9d8b70e6a80f');
    expect(messages[0]).toContain('using the first 10,000 MNIST training digits');
  });

  it('can be asked for, whatever else there is; they have no test split', async () => {
    put('train-images-idx3-ubyte', imagesIdx(4));
    put('train-labels-idx1-ubyte', labelsIdx(4));
    const environment = { DIFFUSION_DATA_DIR: join(folder, 'data') };
    expect((await load({ directory: 'embedded', environment })).count).toBe(10_000);
    expect(messages).toEqual([]);
    await expect(load({ directory: 'embedded', environment, split: 'test' })).rejects.toThrow(
      'the embedded digits have no test split',
    );
  });
});

describe('createDataset', () => {
  it('takes the number of classes from the labels', () => {
    const images = { shape: [2, 1, 1], data: Uint8Array.of(5, 6) };
    expect(createDataset(images, { shape: [2], data: Uint8Array.of(46, 3) }, 'here').classes).toBe(47);
  });
});
