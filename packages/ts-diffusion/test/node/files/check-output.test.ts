import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../src/node/files/atomic-file.js';
import { checkOutputFile, checkOutputFolder } from '../../../src/node/files/check-output.js';
import { ConfigError, UserError, WriteError } from '../../../src/utils/errors.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'check-output-'));
  mkdirSync(join(root, 'folder'));
  mkdirSync(join(root, 'folder/taken'));
  writeFileSync(join(root, 'file'), 'precious');
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  symlinkSync(join(root, 'loop'), join(root, 'loop'));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

const picture = { what: 'a picture', extensions: ['.png', '.jpg'] };
const checkPicture = (name: string): void => {
  checkOutputFile(`${root}/${name}`, picture);
};
const checkPair = (name: string): void => {
  checkOutputFolder(`${root}/${name}`, { what: 'the images', files: ['taken', 'labels'] });
};
const contents = (): string[] => readdirSync(root, { recursive: true }).map(String).sort();

/** The user id that owns nothing, on Linux. */
const NOBODY = 65_534;

describe('a file', () => {
  it.each(['new.png', 'folder/new.JPG', 'new/folders/on/the.way.png', 'folder/../x.png'])(
    '%s: as writing it',
    (name) => {
      const before = contents();
      checkPicture(name);
      expect(contents()).toEqual(before);
      writeFileAtomic(join(root, name), 'data');
      rmSync(join(root, name));
      rmSync(join(root, 'new'), { recursive: true, force: true });
    },
  );

  it.each([
    [
      'folder',
      ConfigError,
      /folder: a folder, but a picture is one file; give a file in it, such as .*folder.name\.png\./,
    ],
    ['new/', ConfigError, /new\/: a folder, .* such as .*new.name\.png\./],
    ['folder/..', ConfigError, /a folder/],
    [
      'x.gif',
      ConfigError,
      /x\.gif: a picture is written as \.png, \.jpg; give the file a name that ends in one of them\./,
    ],
    ['x', ConfigError, /ends in one of them/],
    ['file/x.png', WriteError, /cannot write .*file\/x\.png: part of the path is a file, not a folder \(.*file\)/],
    ['file/deep/x.png', WriteError, /part of the path is a file, not a folder \(.*file\)/],
    ['dangling/x.png', WriteError, /part of the path is a link to nothing \(.*dangling\)/],
    ['loop/x.png', WriteError, /part of the path is a link that leads to itself/],
    [`${'long'.repeat(70)}.png`, WriteError, /the name is too long/],
    [`${'long'.repeat(70)}/x.png`, WriteError, /the name is too long/],
  ])('%s is refused', (name, type, message) => {
    const check = (): void => {
      checkPicture(name);
    };
    expect(check).toThrow(type);
    expect(check).toThrow(message);
  });

  it('an empty name is refused', () => {
    expect(() => {
      checkOutputFile('', picture);
    }).toThrow('"" names no file; give a name such as');
  });

  it.skipIf(process.platform !== 'linux')('in a file system that takes no files', () => {
    expect(() => {
      checkOutputFile('/proc/x.png', picture);
    }).toThrow(WriteError);
  });

  it.skipIf(process.platform === 'win32')('in a folder without permission', () => {
    const locked = join(root, 'locked');
    mkdirSync(locked, { mode: 0o500 });
    // Root may write everywhere: the test is nobody meanwhile.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      chmodSync(root, 0o755);
      process.seteuid?.(NOBODY);
    }
    try {
      expect(() => {
        checkOutputFile(join(locked, 'x.png'), picture);
      }).toThrow('permission denied');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(locked, 0o700);
    }
  });
});

describe('a folder', () => {
  it.each(['new', 'new/inner/', 'file-2.5', '.'])('%s is accepted and not made', (name) => {
    const before = contents();
    checkPair(name);
    expect(contents()).toEqual(before);
  });

  it.each([
    [
      'new.png',
      ConfigError,
      /new\.png: the name of a file, but the images go into a folder; give the name of a folder\./,
    ],
    ['file', WriteError, /cannot write .*file.taken: part of the path is a file, not a folder \(.*file\)/],
    ['file/inner', WriteError, /part of the path is a file/],
    ['folder', WriteError, /cannot write .*taken: there is a folder of that name/],
  ])('%s is refused', (name, type, message) => {
    const check = (): void => {
      checkPair(name);
    };
    expect(check).toThrow(type);
    expect(check).toThrow(message);
    expect(check).toThrow(UserError);
  });
});
