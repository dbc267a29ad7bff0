import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { replaceFile } from '../../../src/node/files/atomic-file.js';
import { RunFolder } from '../../../src/node/training/run-folder.js';
import { lockHolder, RunLock } from '../../../src/node/training/run-lock.js';
import { temporaryFolder } from '../../training/folders.js';
import { tinyConfig } from '../../training/tiny-run.js';

const inFolder = temporaryFolder();
const lockOf = (pid: number, more: object = {}): string => JSON.stringify({ pid, host: hostname(), ...more });
const LARGEST_PROCESS_ID = 2 ** 22;
const dead = lockOf(LARGEST_PROCESS_ID + 1);
/** Only Linux tells when a process and the system started. */
const onLinux = process.platform === 'linux';

test('keeps a second process out, and lets it in afterwards', () => {
  const path = inFolder('run.lock');
  // What the other process would have published: its start is read from the lock that this process takes for itself.
  const parent = onLinux ? { started: startOf(process.ppid) } : {};
  writeFileSync(path, lockOf(process.ppid, parent));
  expect(() => RunLock.acquire(path)).toThrow(
    onLinux
      ? `${path}: process ${process.ppid} on ${hostname()} is training in this folder`
      : 'this machine cannot check whether it is still running',
  );
  expect(lockHolder(path)).toMatchObject({ pid: process.ppid, host: hostname() });
  writeFileSync(path, dead);
  expect(lockHolder(path)).toBeUndefined();
  RunLock.acquire(path).release();
  expect(readdirSync(dirname(path))).toEqual([]);
});

/** proc(5): the 22nd field; the second, in brackets, holds no space for a Node process. */
const startOf = (pid: number): string | undefined => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21];

test('names its process, the start of the system, the folder and a nonce', () => {
  const path = inFolder('run.lock');
  const read = (): Record<string, string> => JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  const lock = RunLock.acquire(path);
  const first = read();
  expect(first).toMatchObject({ pid: process.pid, host: hostname() });
  expect(Date.now() - Date.parse(first['since'] ?? '')).toBeLessThan(60_000);
  const { dev, ino } = fs.statSync(dirname(path));
  expect(first['folder']).toBe(`${dev}:${ino}`);
  if (onLinux) {
    expect(first['started']).toBe(startOf(process.pid));
    expect(first['boot']).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  }
  lock.release();
  const again = RunLock.acquire(path);
  expect(read()['nonce']).not.toBe(first['nonce']);
  again.release();
});

test('keeps a second training of the same process out, whatever path leads to the folder', () => {
  const folder = RunFolder.create(inFolder('run'), tinyConfig());
  symlinkSync(inFolder('run'), inFolder('link'));
  for (const name of ['run', 'link']) {
    expect(() => RunFolder.create(inFolder(name), tinyConfig())).toThrow(/this process is already training/);
    expect(() => RunFolder.resume(inFolder(name))).toThrow(/this process is already training/);
  }
  folder.close();
  const next = RunFolder.resume(inFolder('link'));
  folder.close(); // a second time: must not open the next one's lock
  expect(existsSync(inFolder('run/run.lock'))).toBe(true);
  next.close();
});

test('that names nobody who runs is taken over', () => {
  const path = inFolder('run.lock');
  const stale = [dead, lockOf(process.pid), '', '{"pid":', 'null', '[]', '7', '{"pid":"1"}', '{"pid":0,"host":"x"}'];
  // A reused process id, a restart of the system, and a copy of a folder that is trained in.
  if (onLinux) stale.push(lockOf(process.ppid, { started: '1' }));
  if (onLinux) stale.push(lockOf(process.ppid, { started: startOf(process.ppid), boot: 'an earlier one' }));
  stale.push(lockOf(process.ppid, { folder: '1:2' }));
  for (const text of stale) {
    writeFileSync(path, text);
    expect(lockHolder(path), text).toBeUndefined();
    const lock = RunLock.acquire(path);
    expect(lockHolder(path)).toMatchObject({ pid: process.pid, host: hostname() });
    lock.release();
  }
});

test('of another machine, or of a process that may be another one now, yields to --take-over alone', () => {
  const path = inFolder('run.lock');
  for (const text of [lockOf(1, { host: 'elsewhere' }), lockOf(process.ppid)]) {
    writeFileSync(path, text);
    expect(() => RunLock.acquire(path)).toThrow(
      /process \d+ on .* locked this folder, and this machine cannot check whether it is still running\. If it has ended, add --take-over or delete this file/,
    );
    expect(lockHolder(path)).toBeDefined();
    expect(readFileSync(path, 'utf8')).toBe(text);
    RunLock.acquire(path, { takeOver: true }).release();
  }
  if (!onLinux) return;
  writeFileSync(path, lockOf(process.ppid, { started: startOf(process.ppid) }));
  expect(() => RunLock.acquire(path, { takeOver: true })).toThrow('is training in this folder');
});

test('is taken from a process that runs by its nonce alone, which then writes nothing more', () => {
  const path = inFolder('taken');
  const first = RunFolder.create(path, tinyConfig());
  const { nonce = '' } = lockHolder(join(path, 'run.lock')) ?? {};
  expect(() => RunFolder.resume(path, { takeOver: true })).toThrow(/already training/);
  expect(() => RunFolder.resume(path, { replaces: 'another nonce' })).toThrow(/already training/);
  const second = RunFolder.resume(path, { replaces: nonce });
  expect(() => {
    first.saveConfig(tinyConfig());
  }).toThrow(/lost the lock of its folder/);
  second.verifyLock();
  second.close();
  expect(() => {
    first.verifyLock();
  }).toThrow(/lost the lock/);
});

test('a writer from whom a folder is taken just before its file gets its name writes nothing', () => {
  const path = inFolder('race');
  RunFolder.create(path, tinyConfig());
  const { nonce = '' } = lockHolder(join(path, 'run.lock')) ?? {};
  const file = join(path, 'file');
  replaceFile(file, 'old');
  // The last look at the lock was in time, the name comes too late.
  const takenAfterwards = (): void => {
    RunFolder.resume(path, { replaces: nonce });
  };
  expect(() => {
    replaceFile(file, 'late', takenAfterwards);
  }).toThrow(/cannot write/);
  expect(readFileSync(file, 'utf8')).toBe('old');
  const lost = (): void => {
    throw new Error('lost');
  };
  expect(() => {
    replaceFile(file, 'late', lost);
  }).toThrow(/lost/);
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('in a folder that is not there is refused at once', () => {
  const path = inFolder('gone/run.lock');
  expect(() => RunLock.acquire(path)).toThrow(`${dirname(path)}: there is no such folder to lock.`);
});

test('that cannot be read is one clear error', () => {
  mkdirSync(inFolder('run.lock'));
  expect(() => RunLock.acquire(inFolder('run.lock'))).toThrow(/run\.lock: the lock file of the run cannot be read/);
  expect(lockHolder(inFolder('run.lock'))).toBeUndefined();
});

const losses: [string, RegExp, (folder: string) => void][] = [
  [
    'removed',
    /the folder was removed or renamed/,
    (folder) => {
      rmSync(folder, { recursive: true });
    },
  ],
  [
    'renamed',
    /the folder was removed or renamed/,
    (folder) => {
      renameSync(folder, `${folder}-moved`);
    },
  ],
  [
    'exchanged for a copy',
    /another folder is in its place/,
    (folder) => {
      renameSync(folder, `${folder}-moved`);
      cpSync(`${folder}-moved`, folder, { recursive: true });
    },
  ],
  [
    'without its lock',
    /the lock was removed/,
    (folder) => {
      rmSync(join(folder, 'run.lock'));
    },
  ],
  [
    'taken over',
    /process 7 on elsewhere took it over/,
    (folder) => {
      writeFileSync(join(folder, 'run.lock'), lockOf(7, { host: 'elsewhere' }));
    },
  ],
  [
    'with a damaged lock',
    /the lock was overwritten/,
    (folder) => {
      writeFileSync(join(folder, 'run.lock'), 'null');
    },
  ],
];

test.each(losses)('a training whose folder is %s writes nothing more there', (_, reason, lose) => {
  const path = inFolder('run');
  const folder = RunFolder.create(path, tinyConfig());
  const metrics = folder.openMetrics(0);
  lose(path);
  const contents = (): string[] => (existsSync(path) ? readdirSync(path, { recursive: true }).map(String).sort() : []);
  const before = contents();
  const line = { step: 1, loss: 1, learningRate: 1, emaDecay: 1, msPerStep: 1, imagesPerSecond: 1 };
  const writes = [
    () => {
      folder.saveConfig(tinyConfig());
    },
    () => {
      metrics.append(line);
    },
    () => {
      folder.openMetrics(0);
    },
    () => {
      folder.writeCheckpoint({} as never);
    },
  ];
  for (const write of writes) {
    expect(write).toThrow(/lost the lock of its folder .* stopped writing there/);
    expect(write).toThrow(reason);
  }
  folder.close();
  metrics.close();
  expect(contents()).toEqual(before);
});

test.each([true, false])(
  'a training that loses its lock in the middle of a write leaves the file as it was (temporary file removed: %s)',
  (tidied) => {
    const path = inFolder('run');
    const folder = RunFolder.create(path, tinyConfig());
    const config = readFileSync(join(path, 'config.json'), 'utf8');
    const { fsyncSync } = fs;
    fs.fsyncSync = (file) => {
      fsyncSync(file);
      // The machine sleeps here; meanwhile another process takes the folder, and tidies it up.
      writeFileSync(join(path, 'run.lock'), lockOf(7, { host: 'elsewhere' }));
      if (tidied) for (const name of readdirSync(path)) if (name.endsWith('.tmp')) rmSync(join(path, name));
    };
    syncBuiltinESMExports();
    try {
      expect(() => {
        folder.saveConfig(tinyConfig({ seed: 5 }));
      }).toThrow(/lost the lock of its folder \(process 7 on elsewhere took it over\)/);
    } finally {
      fs.fsyncSync = fsyncSync;
      syncBuiltinESMExports();
      folder.close();
    }
    expect(readFileSync(join(path, 'config.json'), 'utf8')).toBe(config);
  },
);

test('is exclusive also where there are no hard links', () => {
  const { linkSync } = fs;
  fs.linkSync = () => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  };
  syncBuiltinESMExports();
  try {
    const lock = RunLock.acquire(inFolder('run.lock'));
    expect(() => RunLock.acquire(inFolder('run.lock'))).toThrow('already training');
    lock.verify();
    lock.release();
    expect(readdirSync(inFolder('.'))).toEqual([]);
  } finally {
    fs.linkSync = linkSync;
    syncBuiltinESMExports();
  }
});

/** Every taker goes for every lock at the same moments; holds what it gets until its end. Prints the locks it has then. */
const taker = `
const { RunLock } = await import(process.argv[2]);
const [folder, begin, locks, interval] = [process.argv[3], ...process.argv.slice(4).map(Number)];
const got = [];
for (let i = 0; i < locks; i++) {
  while (Date.now() < begin + i * interval);
  try {
    got.push([i, RunLock.acquire(folder + '/' + i + '/run.lock')]);
  } catch (error) {
    if (error.name !== 'RunFolderError') throw error;
  }
}
while (Date.now() < begin + (locks + 5) * interval);
const held = got.filter(([, lock]) => { try { lock.verify(); return true; } catch { return false; } });
console.log(JSON.stringify(held.map(([i]) => i)));
process.stdin.resume(); // until the parent closes it
`;

test('of a dead process is held by exactly one of many that take it over', { timeout: 30_000 }, async () => {
  const locks = 40;
  for (let i = 0; i < locks; i++) {
    mkdirSync(inFolder(String(i)));
    writeFileSync(inFolder(`${i}/run.lock`), dead);
  }
  writeFileSync(inFolder('taker.mts'), taker);
  const module = join(import.meta.dirname, '../../../src/node/training/run-lock.ts');
  const begin = Date.now() + 2000; // by when all have started
  const takers = Array.from({ length: 3 }, () =>
    spawn(
      process.execPath,
      ['--import', 'tsx', inFolder('taker.mts'), module, inFolder(''), ...[begin, locks, 20].map(String)],
      { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'inherit'] },
    ),
  );
  const got = await Promise.all(
    takers.map(
      (child) =>
        new Promise<number[]>((resolve) => {
          child.stdout.on('data', (text: Buffer) => {
            resolve(JSON.parse(text.toString()) as number[]);
          });
        }),
    ),
  );
  for (const child of takers) child.stdin.end();
  expect(got.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: locks }, (_, i) => i));
});
