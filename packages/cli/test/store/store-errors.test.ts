import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import type { StoredBlob } from '../../src/store/artifact-store.js';
import { FolderStore } from '../../src/store/folder-store.js';
import { S3Store } from '../../src/store/s3-store.js';
import { parseStoreAddress, type StoreAddress } from '../../src/store/store-address.js';
import { credentials, S3Server } from './s3-server.js';
import { openS3 } from './store-kinds.js';

patientTests();

let root: string;
let server: S3Server;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'store-errors-'));
  server = await S3Server.start();
});
afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const fileOf = (content: Uint8Array): { readonly path: string; readonly blob: StoredBlob } => {
  const path = join(mkdtempSync(join(root, 'file-')), 'file');
  writeFileSync(path, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, blob: { key: 'key', sha256, size: content.length } };
};

/** The sentence with which a store is refused, under these variables. */
async function refusal(
  environment: Readonly<Record<string, string | undefined>>,
  endpoint = server.endpoint,
  bucket = 'bucket',
) {
  Object.assign(process.env, credentials);
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
  try {
    (await openS3({ endpoint }, bucket)).close();
    return 'it was opened';
  } catch (error) {
    expect((error as Error).name).toBe('StoreError');
    return (error as Error).message;
  } finally {
    Reflect.deleteProperty(process.env, 'AWS_SESSION_TOKEN');
    Object.assign(process.env, credentials);
  }
}

test('wrong credentials, a missing bucket, a server that is not there: one sentence each, at once', async () => {
  expect(await refusal({})).toBe('it was opened');
  expect(await refusal({ AWS_SECRET_ACCESS_KEY: 'wrong' })).toMatch(
    /^s3:\/\/bucket\/some\/prefix: http:\S+ refuses these credentials \(SignatureDoesNotMatch: .*\); check AWS_ACCESS_KEY_ID, /,
  );
  expect(await refusal({ AWS_ACCESS_KEY_ID: 'nobody' })).toMatch(/refuses these credentials \(InvalidAccessKeyId: /);
  expect(await refusal({}, server.endpoint, 'nowhere')).toMatch(
    /^s3:\/\/nowhere\/some\/prefix: there is no bucket nowhere at http:\S+; make it, or give another one\.$/,
  );
  expect(await refusal({}, 'http://127.0.0.1:1')).toMatch(
    /^s3:\/\/bucket\/some\/prefix: http:\/\/127\.0\.0\.1:1 cannot be reached \(ECONNREFUSED\); check the endpoint and the network\.$/,
  );
  expect(await refusal({}, 'http://no-such-host.invalid')).toMatch(
    /the host of http:\S+ was not found; check the endpoint/,
  );
  const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_EC2_METADATA_DISABLED: 'true' };
  const [config, home] = [join(root, 'none'), { AWS_PROFILE: undefined }];
  const files = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: config };
  expect(await refusal({ ...none, ...files, ...home })).toMatch(
    /there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
  );
});

test('a server that dies and comes back is waited for, with nothing lost', async () => {
  const store = await openS3(server);
  const [before, during] = [fileOf(randomBytes(300_000)), fileOf(randomBytes(300_000))];
  await store.sendBlob(before.blob, before.path);
  const version = await store.writeReference('dies', 'one', undefined);
  await server.kill();
  const sending = store.sendBlob(during.blob, during.path);
  const target = join(root, 'target');
  const fetching = store.fetchBlob(before.blob, target);
  const writing = store.writeReference('dies', 'two', version);
  await server.restart();
  const [written] = await Promise.all([writing, sending, fetching]);
  expect(readFileSync(target)).toEqual(readFileSync(before.path));
  expect(await store.readReference('dies')).toEqual({ text: 'two', version: written });
  expect(await store.hasBlob(during.blob)).toBe(true);
  store.close();
});

/** Answers of a server that is no store. */
async function withServer<T>(answer: RequestListener, action: (endpoint: string) => Promise<T>): Promise<T> {
  const other = createServer(answer).listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    return await action(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
  } finally {
    other.closeAllConnections();
    other.close();
  }
}

test('a server that ignores conditional writes is refused', async () => {
  const ignoring: RequestListener = (request, response) => {
    request.resume().on('end', () => response.setHeader('ETag', '"0"').end());
  };
  const message = await withServer(ignoring, (endpoint) => refusal({}, endpoint));
  expect(message).toMatch(
    /ignores If-None-Match, but conditional writes are needed; use a newer server, or a shared folder\.$/,
  );
});

test('a server that does not answer is given up, one that answers 503 is asked again', async () => {
  const address = (endpoint: string): Extract<StoreAddress, { kind: 's3' }> =>
    parseStoreAddress(`s3://bucket?endpoint=${endpoint}`) as Extract<StoreAddress, { kind: 's3' }>;
  const silent = withServer(
    () => undefined,
    (endpoint) => S3Store.open(address(endpoint), { idleMs: 300, patienceMs: 500 }),
  );
  await expect(silent).rejects.toThrow(/cannot be reached \(.*\); check the endpoint and the network\.$/);

  const endpoint = new URL(server.endpoint);
  let failures = 0;
  const store = await S3Store.open(address(server.endpoint), { patienceMs: 60_000 });
  const { blob, path } = fileOf(randomBytes(1000));
  await store.sendBlob(blob, path);
  store.close();
  expect(endpoint.port).not.toBe('');
  await withServer(
    (request, response) => {
      // The check at opening passes; then the server is busy for a while.
      const conditions = request.headers['if-none-match'] ?? request.headers['if-match'];
      request.resume().on('end', () => {
        if (request.url?.includes('trial') === true) {
          const isFirst = conditions === '*' && trials++ === 0;
          const isFound = conditions === '"1"';
          response.writeHead(isFirst || isFound || request.method === 'DELETE' ? 200 : 412, { ETag: '"1"' }).end();
        } else if (failures < 2) {
          failures++;
          response.writeHead(503).end();
        } else response.writeHead(200, { 'Content-Length': String(blob.size) }).end();
      });
    },
    async (at) => {
      const busy = await S3Store.open(address(at), { patienceMs: 60_000 });
      expect(await busy.hasBlob(blob)).toBe(true);
      expect(failures).toBe(2);
      busy.close();
    },
  );
});
let trials = 0;

test('a full disk is one sentence for a store in a folder; what is there stays', async () => {
  const disk = join(root, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) {
    throw new Error('This test fills a disk in memory, which only root may mount; run it as root.');
  }
  try {
    const store = await FolderStore.open(join(disk, 'store'));
    const small = fileOf(randomBytes(100_000));
    await store.sendBlob(small.blob, small.path);
    const large = fileOf(randomBytes(2_000_000));
    await expect(store.sendBlob(large.blob, large.path)).rejects.toThrow(
      /^cannot write .*: the disk is full; free some space and run again$/,
    );
    expect(await store.hasBlob(large.blob)).toBe(false);
    expect(readdirSync(join(disk, 'store/blobs/key'))).toEqual([small.blob.sha256]);
    await store.fetchBlob(small.blob, join(root, 'small'));
    await expect(store.fetchBlob(small.blob, join(disk, 'store', 'trial', 'x'))).resolves.toBeUndefined();
  } finally {
    spawnSync('umount', [disk]);
  }
});

test('an address that is none is refused with what is allowed', () => {
  for (const [address, why] of [
    ['', 'an empty address'],
    ['ftp://x/y', 'ftp:// is not a kind of store'],
    ['s3://', '"" is no name of a bucket'],
    ['s3://Bucket/x', '"Bucket" is no name of a bucket'],
    ['s3://key:secret@bucket/x', 'credentials and ports are no part of it'],
    ['s3://bucket/a/../b', '"a/../b" is no prefix'],
    ['s3://bucket/x?region=a&zone=b', 'unknown option "zone"'],
    ['s3://bucket/x?endpoint=server:9000', '"server:9000" is no endpoint'],
  ] as const) {
    expect(() => parseStoreAddress(address, {})).toThrow(`--store ${address}: ${why}`);
  }
  expect(parseStoreAddress('s3://bucket/a/b/?endpoint=http://x:1', { AWS_REGION: 'eu-1' })).toEqual({
    ...{ kind: 's3', bucket: 'bucket', prefix: 'a/b', endpoint: 'http://x:1', region: 'eu-1', name: 's3://bucket/a/b' },
  });
  expect(parseStoreAddress('s3://bucket', { AWS_ENDPOINT_URL: 'https://x' })).toMatchObject({
    endpoint: 'https://x',
    prefix: '',
  });
  expect(parseStoreAddress('/mnt/store')).toEqual({ kind: 'folder', path: '/mnt/store' });
});
