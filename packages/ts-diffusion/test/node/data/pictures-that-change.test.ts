import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inMemory, type Dataset } from '../../../src/data/dataset.js';
import { readPictures, type ReadPicturesOptions } from '../../../src/node/data/pictures.js';
import { DataError } from '../../../src/utils/errors.js';
import { encodePng } from '../../../src/utils/png.js';

let root: string;
let folder: string;
let cache: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changing-'));
  folder = join(root, 'data');
  cache = join(root, 'cache');
  mkdirSync(folder);
  mkdirSync(cache);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const picture = (gray: number): Uint8Array => encodePng(new Uint8Array(64).fill(gray), 8, 8);

async function read(options: Partial<ReadPicturesOptions> = {}): Promise<Dataset> {
  return inMemory(await readPictures(folder, { split: 'train', cache, ...options }));
}

const cached = (): string[] => (existsSync(join(cache, 'pictures')) ? readdirSync(join(cache, 'pictures')) : []);

async function failure(options: Partial<ReadPicturesOptions> = {}): Promise<string> {
  const error: unknown = await read(options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  return (error as Error).message;
}

describe('files that change while they are read', () => {
  /** Between the first look at all files and their decoding. */
  const between = (change: () => void): Pick<ReadPicturesOptions, 'onProgress'> => {
    let isDone = false;
    return {
      onProgress: (done, total) => {
        if (done === total && !isDone) change();
        isDone ||= done === total;
      },
    };
  };

  beforeEach(() => {
    for (const gray of [1, 2, 3]) writeFileSync(join(folder, `${gray}.png`), picture(gray));
  });

  it('another content: named, and nothing is left in the cache', async () => {
    const path = join(folder, '2.png');
    const change = between(() => {
      writeFileSync(path, picture(9));
    });
    expect(await failure(change)).toBe(`${path} changed while it was being read; start again when it is complete`);
    expect(cached()).toEqual([]);
    expect((await read()).images[64]).toBe(9);
  });

  it('gone: named, and nothing is left in the cache', async () => {
    const path = join(folder, '2.png');
    expect(
      await failure(
        between(() => {
          unlinkSync(path);
        }),
      ),
    ).toBe(
      `${path} can no longer be read: removed meanwhile, or a link that leads nowhere; start again when the data set is complete`,
    );
    expect(cached()).toEqual([]);
    expect((await read()).count).toBe(2);
  });
});

it('the same pictures opened twice at the same time are decoded into files of their own', async () => {
  const grays = Array.from({ length: 100 }, (_, i) => i);
  for (const gray of grays) writeFileSync(join(folder, `${String(gray).padStart(2, '0')}.png`), picture(gray));
  const both = await Promise.all([read(), read()]);
  for (const { images } of both) expect(grays.map((i) => images[i * 64])).toEqual(grays);
  expect(cached().map((name) => name.replace(/^.*\./, ''))).toEqual(['idx', 'json']);
});

it('what a killed process left is removed, what a running one writes is not', async () => {
  mkdirSync(join(cache, 'pictures'));
  // No process has the largest id; that of the first is always running.
  for (const id of [2 ** 22 + 1, 1]) writeFileSync(join(cache, `pictures/abc.${id}.part`), 'x');
  writeFileSync(join(folder, 'a.png'), picture(1));
  await read();
  expect(cached().filter((name) => name.endsWith('.part'))).toEqual(['abc.1.part']);
});

/** Permissions do not bind the superuser. */
async function withoutPrivileges<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe.skipIf(process.platform === 'win32')('no permission (Windows has others)', () => {
  beforeEach(async () => {
    for (const [path, mode] of [
      [root, 0o755],
      [folder, 0o755],
      [cache, 0o777],
    ] as const)
      chmodSync(path, mode);
    writeFileSync(join(folder, 'a.png'), picture(1), { mode: 0o644 });
    // Loaded before anything is forbidden.
    await read({ cache: join(root, 'other') });
  });

  it('to read a file: named, and left out if wanted', async () => {
    writeFileSync(join(folder, 'b.png'), picture(2));
    chmodSync(join(folder, 'b.png'), 0);
    await withoutPrivileges(async () => {
      expect(await failure()).toContain(`1 of 2 pictures in ${folder} cannot be read: b.png (permission denied)`);
      expect((await read({ skipBroken: true })).count).toBe(1);
    });
  });

  it('to read a folder', async () => {
    rmSync(join(folder, 'a.png'));
    mkdirSync(join(folder, 'cats'));
    chmodSync(join(folder, 'cats'), 0);
    await withoutPrivileges(async () => {
      expect(await failure()).toMatch(/^cannot read the folder .*cats: EACCES/);
    });
  });

  it('to write the cache', async () => {
    chmodSync(cache, 0o555);
    await withoutPrivileges(async () => {
      await expect(read()).rejects.toThrow(
        /^cannot write .*pictures: permission denied; choose a folder you may write to/,
      );
    });
  });
});

it('20,000 files in one folder, most of them empty, and links that lead in a circle', async () => {
  const good = join(root, 'good.png');
  const empty = join(root, 'empty.png');
  writeFileSync(good, picture(7));
  writeFileSync(empty, '');
  for (let i = 0; i < 20_000; i++) linkSync(i % 20 === 0 ? good : empty, join(folder, `${i}.png`));
  symlinkSync(join(folder, 'y.png'), join(folder, 'x.png'));
  symlinkSync(join(folder, 'x.png'), join(folder, 'y.png'));
  const begin = performance.now();
  const messages: string[] = [];
  const data = await read({ skipBroken: true, onMessage: (text) => void messages.push(text) });
  expect(messages).toEqual([
    expect.stringMatching(/^19002 of 20002 pictures in .* \(an empty file\) and 18997 more; left out\.$/),
  ]);
  expect([data.count, data.classes]).toEqual([1000, 1]);
  expect(new Set(data.images)).toEqual(new Set([7]));
  // A few seconds; what grows with the square of the number would take minutes.
  expect(performance.now() - begin).toBeLessThan(60_000);
}, 90_000);
