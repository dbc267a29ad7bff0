import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeError, writeFileAtomic } from '../../../src/node/files/atomic-file.js';
import { UserError, WriteError } from '../../../src/utils/errors.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atomic-file-'));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const moduleUrl = pathToFileURL(join(import.meta.dirname, '../../../src/node/files/atomic-file.ts')).href;
const program = (body: string): string => `import { writeFileAtomic } from ${JSON.stringify(moduleUrl)};\n${body}`;
const nodeArguments = (body: string): string[] => ['--import', 'tsx', '--input-type=module', '-e', program(body)];

describe('writeFileAtomic', () => {
  it('writes text and bytes, creates folders, replaces, and leaves nothing else', () => {
    const path = join(folder, 'a/b/file.txt');
    writeFileAtomic(path, 'zwölf');
    expect(readFileSync(path, 'utf8')).toBe('zwölf');
    writeFileAtomic(path, Uint8Array.of(1, 0, 255));
    expect([...readFileSync(path)]).toEqual([1, 0, 255]);
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['file.txt']);
  });

  it('never shows a reader anything but a whole version, kills included', async () => {
    const path = join(folder, 'file.bin');
    const size = 200_000;
    writeFileAtomic(path, new Uint8Array(size));
    const body = `for (let i = 1; ; i++) writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(${size}).fill(i % 256));`;
    for (let kill = 0; kill < 3; kill++) {
      const before = readFileSync(path);
      const child = spawn(process.execPath, nodeArguments(body));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      let reads = 0;
      for (const seen = new Set([before[0]]); seen.size < 4 || reads < 100; reads++) {
        const content = readFileSync(path);
        expect(content.length).toBe(size);
        expect(content.equals(Buffer.alloc(size, content[0]))).toBe(true);
        seen.add(content[0]);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      child.kill('SIGKILL');
      await ended;
      const content = readFileSync(path);
      expect(content.equals(Buffer.alloc(size, content[0]))).toBe(true);
    }
  });

  it('keeps the old file and leaves no temporary one where the new does not fit', async () => {
    const path = join(folder, 'file.bin');
    writeFileAtomic(path, 'old');
    const body = `try { writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(1 << 20)); }
      catch (error) { console.log(error.name + ': ' + error.message); }`;
    const script = 'ulimit -f 64; exec "$0" "$@"';
    const { stdout } = await promisify(execFile)('bash', ['-c', script, process.execPath, ...nodeArguments(body)]);
    expect(stdout.trim()).toBe(
      `WriteError: cannot write ${path}: the file would exceed the size limit set for this process (ulimit -f)`,
    );
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file.bin']);
  });

  it('names the path and the remedy where permission is missing', () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    // Root may write anywhere: act as another user for the moment.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      expect(() => {
        writeFileAtomic(join(locked, 'x'), 'x');
      }).toThrow(`cannot write ${join(locked, 'x')}: permission denied; choose a folder you may write to`);
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('tells a file in place of a folder and a folder in place of a file', () => {
    writeFileSync(join(folder, 'file'), '');
    mkdirSync(join(folder, 'folder/inner'), { recursive: true });
    expect(() => {
      writeFileAtomic(join(folder, 'file/x'), 'x');
    }).toThrow('part of the path is a file, not a folder');
    expect(() => {
      writeFileAtomic(join(folder, 'folder'), 'x');
    }).toThrow('there is a folder of that name');
    expect(readdirSync(folder)).toEqual(['file', 'folder']);
  });

  it('tells a full disk, as a WriteError with its cause', () => {
    const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const error = writeError('runs/a', cause);
    expect(error).toBeInstanceOf(WriteError);
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toBe('cannot write runs/a: the disk is full; free some space and run again');
    expect(error.cause).toBe(cause);
    expect(error.exitCode).toBe(1);
  });
});
