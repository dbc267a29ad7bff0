import { createHash, randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientTests } from '../../../ts-diffusion/test/patience.js';
import {
  type ArtifactStore,
  type StoredBlob,
  DamagedBlobError,
  StaleWriterError,
} from '../../src/store/artifact-store.js';
import { Claim, invalidate } from '../../src/store/claim.js';
import { DamagedArtifactError, fetchLatest, filesOf, inside, removeOthers } from '../../src/store/local-files.js';
import { readPublished } from '../../src/store/published.js';
import { storeKinds, type StorePlace } from './store-kinds.js';

patientTests();

describe.each(storeKinds)('a store: $name', ({ start }) => {
  let root: string;
  let place: StorePlace;
  let store: ArtifactStore;
  let serial = 0;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'stores-'));
    place = await start(root);
    store = await place.open();
  });
  afterAll(async () => {
    store.close();
    await place.stop();
    rmSync(root, { recursive: true });
  });

  const newKey = (): string => `key-${serial++}`;
  const newFolder = (): string => mkdtempSync(join(root, 'folder-'));
  const write = (folder: string, files: Readonly<Record<string, string | Uint8Array>>): void => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  const blobOf = (content: Uint8Array, key = newKey()): StoredBlob => ({
    key,
    sha256: createHash('sha256').update(content).digest('hex'),
    size: content.length,
  });
  /** A file of these bytes. */
  const fileOf = (content: Uint8Array): string => {
    const path = join(newFolder(), 'file');
    writeFileSync(path, content);
    return path;
  };
  const fetched = async (blob: StoredBlob): Promise<Uint8Array> => {
    const path = join(newFolder(), 'a', 'b', 'file');
    await store.fetchBlob(blob, path);
    return readFileSync(path);
  };
  const publish = async (key: string, folder: string): Promise<void> => {
    const claim = await Claim.take(store, key);
    await claim.publish(inside(folder, await filesOf(folder, readdirSync(folder))), true);
  };

  test.each([0, 1, 100_000, 12_000_000])('a file of %i bytes comes back as it was', async (size) => {
    const content = randomBytes(size);
    const blob = blobOf(content);
    expect(await store.hasBlob(blob)).toBe(false);
    await store.sendBlob(blob, fileOf(content));
    expect(await store.hasBlob(blob)).toBe(true);
    expect(Buffer.compare(await fetched(blob), content)).toBe(0);
    await store.removeBlob(blob);
    expect(await store.hasBlob(blob)).toBe(false);
    await expect(fetched(blob)).rejects.toThrow(/is missing; it has to be made again\.$/);
  });

  test('many writers of one blob all succeed, and readers see all of it or nothing', async () => {
    const content = randomBytes(3_000_000);
    const blob = blobOf(content);
    const path = fileOf(content);
    const writers = Promise.all(
      Array.from({ length: 6 }, async () => {
        const own = await place.open();
        await own.sendBlob(blob, path);
        own.close();
      }),
    );
    let reading = true;
    const reader = (async () => {
      while (reading) {
        const found = await fetched(blob).catch((error: unknown) => error);
        if (found instanceof DamagedBlobError) expect(found.message).toContain('is missing');
        else expect(Buffer.compare(found as Uint8Array, content)).toBe(0);
      }
    })();
    await writers;
    reading = false;
    await reader;
    expect(Buffer.compare(await fetched(blob), content)).toBe(0);
  });

  test('a damaged blob is refused by its hash, leaves no file, and is healed by sending it again', async () => {
    const content = randomBytes(50_000);
    const blob = blobOf(content);
    const path = fileOf(content);
    await store.sendBlob(blob, path);
    const target = join(newFolder(), 'file');
    for (const damaged of [content.map((byte, i) => (i === 40_000 ? byte ^ 1 : byte)), content.subarray(0, 49_999)]) {
      await place.damage(blob, damaged);
      await expect(store.fetchBlob(blob, target)).rejects.toThrow(
        new RegExp(
          `the file with the SHA-256 ${blob.sha256} of ${blob.key} is damaged \\(.*\\); it has to be made again\\.$`,
        ),
      );
      expect(readdirSync(dirname(target))).toEqual([]);
    }
    await store.sendBlob(blob, path);
    expect(Buffer.compare(await fetched(blob), content)).toBe(0);
  });

  test('a file that is not what was announced is not stored', async () => {
    const content = randomBytes(200_000);
    for (const other of [content.subarray(0, 150_000), Buffer.concat([content, content]), randomBytes(200_000)]) {
      const blob = blobOf(content);
      await expect(store.sendBlob(blob, fileOf(other))).rejects.toThrow(/was changed while it was sent to the store/);
      expect(await store.hasBlob(blob)).toBe(false);
    }
  });

  test('an upload that is cut off leaves nothing', async () => {
    const content = randomBytes(2_000_000);
    const blob = blobOf(content);
    const pipe = join(newFolder(), 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const stop = new AbortController();
    const sending = store.sendBlob(blob, pipe, stop.signal);
    const half = createWriteStream(pipe);
    half.on('error', () => undefined);
    await new Promise((resolve) => half.write(content.subarray(0, 1_000_000), resolve));
    stop.abort(new Error('cut off'));
    await expect(sending).rejects.toThrow('cut off');
    half.destroy();
    expect(await store.hasBlob(blob)).toBe(false);
    await store.sendBlob(blob, fileOf(content));
    expect(Buffer.compare(await fetched(blob), content)).toBe(0);
  });

  test('of many writers of one reference exactly one succeeds', async () => {
    const key = newKey();
    expect(await store.readReference(key)).toBeUndefined();
    let version: string | undefined;
    for (let round = 0; round < 3; round++) {
      const texts = Array.from({ length: 8 }, (_, i) => `round ${round}, writer ${i}`);
      const versions = await Promise.all(texts.map((text) => store.writeReference(key, text, version)));
      const winners = texts.filter((_, i) => versions[i] !== undefined);
      expect(winners).toHaveLength(1);
      version = versions.find((each) => each !== undefined);
      expect(await store.readReference(key)).toEqual({ text: winners[0], version });
    }
    expect(await store.writeReference(key, 'late', undefined)).toBeUndefined();
    expect(await store.writeReference(newKey(), 'of a version that is not there', version)).toBeUndefined();
  });

  test('a folder is published and fetched; locks and unfinished files are not', async () => {
    const [from, to] = [newFolder(), newFolder()];
    const files = { 'run/config.json': '{}', 'run/samples/step 1.png': randomBytes(500), 'run/empty': '' };
    write(from, {
      ...files,
      'run/run.lock': 'x',
      'run/run.lock.abc': 'x',
      'run/.config.json.1-0.tmp': 'x',
      other: 'x',
    });
    const key = newKey();
    const claim = await Claim.take(store, key);
    expect(await fetchLatest(store, key, to)).toMatchObject({ finished: false, files: [] });
    await claim.publish(inside(from, await filesOf(from, ['run', 'missing'])), true);
    write(to, { 'run/empty': 'something else', 'run/old': 'x' });
    const published = await fetchLatest(store, key, to);
    expect(published?.finished).toBe(true);
    await removeOthers(to, 'run', new Set(published?.files.map(({ path }) => path)));
    expect(await filesOf(to, ['run'])).toEqual(Object.keys(files).sort());
    for (const [path, content] of Object.entries(files)) {
      expect(Buffer.compare(readFileSync(join(to, path)), Buffer.from(content))).toBe(0);
    }
    expect(await fetchLatest(store, newKey(), to)).toBeUndefined();
  });

  test('a reader never sees a mixture of two states of a folder', async () => {
    const key = newKey();
    const states = 8;
    const from = newFolder();
    const claim = await Claim.take(store, key);
    let writing = true;
    const writer = (async () => {
      for (let state = 0; state < states; state++) {
        write(from, { 'run/a': `a${state}`, 'run/b': `b${state}`, 'run/same': 'same' });
        await claim.publish(inside(from, ['run/a', 'run/b', 'run/same']), false);
      }
      writing = false;
    })();
    const seen = new Set<string>();
    do {
      const to = newFolder();
      const published = await fetchLatest(store, key, to);
      if ((published?.files.length ?? 0) === 0) continue;
      const [a, b] = ['a', 'b'].map((name) => readFileSync(join(to, 'run', name), 'utf8').slice(1));
      expect(a).toBe(b);
      seen.add(a ?? '');
    } while (writing);
    await writer;
    await fetchLatest(store, key, from);
    expect(readFileSync(join(from, 'run/a'), 'utf8')).toBe(`a${states - 1}`);
    expect(seen.size).toBeGreaterThan(0);
  });

  test('a writer that lost its job is refused, before and after the new one has published', async () => {
    const key = newKey();
    const [stale, fresh, to] = [newFolder(), newFolder(), newFolder()];
    write(stale, { file: 'of the stale writer' });
    write(fresh, { file: 'of the new writer' });
    const old = await Claim.take(store, key);
    const now = await Claim.take(store, key);
    await expect(old.publish(inside(stale, ['file']), true)).rejects.toThrow(StaleWriterError);
    await expect(old.publish(inside(stale, ['file']), true)).rejects.toThrow(/was taken over by another worker/);
    await now.publish(inside(fresh, ['file']), true);
    await expect(old.publish(inside(stale, ['file']), true)).rejects.toThrow(StaleWriterError);
    await fetchLatest(store, key, to);
    expect(readFileSync(join(to, 'file'), 'utf8')).toBe('of the new writer');
  });

  test('of many claims at once the last may publish, and no other', async () => {
    const key = newKey();
    const folder = newFolder();
    write(folder, { file: 'content' });
    const claims = await Promise.all(Array.from({ length: 6 }, () => Claim.take(store, key)));
    const published = await Promise.allSettled(claims.map((claim) => claim.publish(inside(folder, ['file']), true)));
    expect(published.map(({ status }) => status).sort()).toEqual(['fulfilled', ...Array<string>(5).fill('rejected')]);
    for (const each of published) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(StaleWriterError);
  });

  test('blobs that are published no more are removed, those of other keys stay', async () => {
    const [one, two] = [newKey(), newKey()];
    const folder = newFolder();
    write(folder, { file: 'first' });
    await publish(one, folder);
    await publish(two, folder);
    const [first] = (await readPublished(store, one))?.files ?? [];
    write(folder, { file: 'second' });
    await publish(one, folder);
    const { sha256 = '', size = 0 } = first ?? {};
    expect(await store.hasBlob({ key: one, sha256, size })).toBe(false);
    expect(await store.hasBlob({ key: two, sha256, size })).toBe(true);
  });

  test('a folder with a damaged blob is reported, forgotten, and can be published again', async () => {
    const key = newKey();
    const [from, to] = [newFolder(), newFolder()];
    write(from, { file: randomBytes(1000), other: 'x' });
    await publish(key, from);
    const blob = blobOf(readFileSync(join(from, 'file')), key);
    await place.damage(blob, randomBytes(1000));
    const failure: unknown = await fetchLatest(store, key, to).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DamagedArtifactError);
    expect(existsSync(join(to, 'file'))).toBe(false);
    await invalidate(store, (failure as DamagedArtifactError).published);
    expect(await readPublished(store, key)).toMatchObject({ finished: false, files: [] });
    expect(await store.hasBlob(blob)).toBe(false);
    await publish(key, from);
    await fetchLatest(store, key, to);
    expect(Buffer.compare(readFileSync(join(to, 'file')), readFileSync(join(from, 'file')))).toBe(0);
  });

  test.each([
    '',
    '{',
    '{"format":2}',
    '{"format":2,"nonce":"","finished":true,"files":[{"path":"../../etc/x","size":1,"sha256":"0"}]}',
  ])('a damaged reference (%s) is one without files', async (text) => {
    const key = newKey();
    const folder = newFolder();
    write(folder, { file: 'content' });
    await store.writeReference(key, 'placeholder', undefined);
    await place.damageReference(key, text);
    expect(await readPublished(store, key)).toMatchObject({ finished: false, files: [] });
    await publish(key, folder);
    expect(await readPublished(store, key)).toMatchObject({ finished: true, files: [{ path: 'file', size: 7 }] });
  });
});
