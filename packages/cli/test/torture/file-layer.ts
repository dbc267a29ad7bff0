/**
 * Stands between a process and its files (`node --import`): counts the system calls that change something below one folder,
 * records them, and kills the process at a chosen one. Functions of `node:fs` that change files in a way that is not followed
 * here are refused, so that nothing passes unseen.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { layerVariables, type Death, type FileId, type Operation } from './operations.js';
import { steadyClock } from './steady-clock.js';

const { O_CREAT, O_TRUNC } = fs.constants;
const FLAGS: Readonly<Record<string, number>> = { w: O_CREAT | O_TRUNC, wx: O_CREAT, a: O_CREAT, ax: O_CREAT, r: 0 };

const original = { ...fs };
const folder = process.env[layerVariables.folder] ?? '';
const death = JSON.parse(process.env[layerVariables.death] ?? 'null') as Death | null;
const log: Operation[] = [];

interface OpenFile {
  readonly path: string;
  /** Undefined: a folder. */
  readonly file: FileId | undefined;
  position: number;
}
const open = new Map<number, OpenFile>();
/** The files behind names that this process has made. */
const named = new Map<string, FileId>();
let created = 0;

const isWatched = (path: string): boolean => resolve(path) === folder || resolve(path).startsWith(folder + sep);
const nameOf = (path: string): string => relative(folder, resolve(path));
const fileOf = (name: string): FileId => named.get(name) ?? name;

/** Does an operation and records it, unless it is the one to die at. */
function perform<T>(operation: Operation, action: () => T, half?: () => unknown): T {
  if (death?.operation === log.length) {
    if (death.half) half?.();
    process.kill(process.pid, 'SIGKILL');
    // The signal may take effect a moment later: nothing more must happen until then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  const result = action();
  log.push(operation);
  return result;
}

function openSync(path: string, mode: string | number = 'r', permissions?: number): number {
  const flags = typeof mode === 'number' ? mode : FLAGS[mode];
  if (flags === undefined) throw new Error(`file layer: files opened by "${mode}" are not followed`);
  const reopen = (): number => original.openSync(path, mode, permissions);
  const name = nameOf(path);
  const found = original.statSync(path, { throwIfNoEntry: false });
  const track = (descriptor: number, file: FileId | undefined): number => {
    open.set(descriptor, { path: name, file, position: mode === 'a' ? (found?.size ?? 0) : 0 });
    return descriptor;
  };
  if (found !== undefined) {
    const file = fileOf(name);
    const truncates = (flags & O_TRUNC) !== 0 && found.isFile();
    const descriptor = truncates ? perform({ kind: 'truncate', path: name, file }, reopen) : reopen();
    return track(descriptor, found.isDirectory() ? undefined : file);
  }
  if ((flags & O_CREAT) === 0) return reopen();
  const file = created;
  const descriptor = perform({ kind: 'create', path: name, file }, reopen);
  created++;
  named.set(name, file);
  return track(descriptor, file);
}

function writeSync(descriptor: number, data: string | Uint8Array): number {
  const { path, file = '', position: at } = open.get(descriptor) as OpenFile;
  const bytes = Buffer.from(data);
  const operation = { kind: 'write', path, file, at, base64: bytes.toString('base64') } as const;
  const half = (): unknown => original.writeSync(descriptor, bytes.subarray(0, bytes.length / 2));
  const written = perform(operation, () => original.writeSync(descriptor, bytes), half);
  if (written !== bytes.length) throw new Error(`file layer: ${written} of ${bytes.length} bytes were written`);
  (open.get(descriptor) as OpenFile).position += written;
  return written;
}

function syncDescriptor(descriptor: number): void {
  const { path, file } = open.get(descriptor) as OpenFile;
  const operation =
    file === undefined ? ({ kind: 'sync-folder', path } as const) : ({ kind: 'sync', path, file } as const);
  perform(operation, () => {
    original.fsyncSync(descriptor);
  });
}

function unlinkSync(path: string): void {
  perform({ kind: 'unlink', path: nameOf(path) }, () => {
    original.unlinkSync(path);
  });
  named.delete(nameOf(path));
}

type Arguments = readonly unknown[];
const takesFile = ([target]: Arguments): boolean =>
  typeof target === 'number' ? open.has(target) : isWatched(String(target));

/** The calls that are followed, each for what is watched alone. */
const followed: Readonly<Record<string, (...args: never[]) => unknown>> = {
  openSync,
  writeSync,
  fsyncSync: syncDescriptor,
  fdatasyncSync: syncDescriptor,
  closeSync(descriptor: number) {
    open.delete(descriptor);
    original.closeSync(descriptor);
  },
  writeFileSync(target: string | number, data: string | Uint8Array, options?: { readonly flag?: string }) {
    if (typeof target === 'number') {
      writeSync(target, data);
      return;
    }
    const descriptor = openSync(target, options?.flag ?? 'w');
    try {
      writeSync(descriptor, data);
    } finally {
      open.delete(descriptor);
      original.closeSync(descriptor);
    }
  },
  renameSync(from: string, to: string) {
    const [path, target] = [nameOf(from), nameOf(to)];
    perform({ kind: 'rename', path, to: target }, () => {
      original.renameSync(from, to);
    });
    named.set(target, fileOf(path));
    named.delete(path);
  },
  linkSync(from: string, to: string) {
    const [path, target] = [nameOf(from), nameOf(to)];
    perform({ kind: 'link', path, to: target }, () => {
      original.linkSync(from, to);
    });
    named.set(target, fileOf(path));
  },
  unlinkSync,
  rmSync(path: string, options?: fs.RmOptions) {
    const found = original.lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined && options?.force === true) return;
    if (found?.isFile() !== true) throw new Error(`file layer: the removal of ${path} is not followed`);
    unlinkSync(path);
  },
  mkdirSync(path: string, options?: fs.MakeDirectoryOptions): string | undefined {
    if (original.existsSync(path)) return original.mkdirSync(path, options) ?? undefined;
    const parent = dirname(resolve(path));
    const first = options?.recursive === true && isWatched(parent) ? makeParents(parent) : undefined;
    perform({ kind: 'mkdir', path: nameOf(path) }, () => {
      original.mkdirSync(path);
    });
    return options?.recursive === true ? (first ?? path) : undefined;
  },
};

function makeParents(path: string): string | undefined {
  return original.existsSync(path) ? undefined : (fs.mkdirSync(path, { recursive: true }) ?? undefined);
}

const refused = [
  ...['appendFileSync', 'copyFileSync', 'cpSync', 'createWriteStream', 'ftruncateSync', 'mkdtempSync', 'rmdirSync'],
  ...['symlinkSync', 'truncateSync', 'writevSync', 'chmodSync', 'utimesSync'],
  ...['open', 'write', 'writeFile', 'appendFile', 'rename', 'link', 'unlink', 'rm', 'mkdir', 'copyFile', 'truncate'],
];

for (const [name, follow] of Object.entries(followed)) {
  const usual = original[name as keyof typeof fs] as (...args: Arguments) => unknown;
  Object.assign(fs, {
    [name]: (...args: Arguments): unknown => (takesFile(args) ? follow(...(args as never[])) : usual(...args)),
  });
}
for (const api of [fs, fs.promises] as unknown as Record<string, (...args: Arguments) => unknown>[]) {
  for (const name of refused) {
    const usual = api[name];
    if (usual === undefined) continue;
    api[name] = (...args) => {
      const isReading = name === 'open' && ['r', undefined].includes(args[1] as string);
      if (takesFile(args) && !isReading) throw new Error(`file layer: ${name} of ${String(args[0])} is not followed`);
      return usual(...args);
    };
  }
}
syncBuiltinESMExports();
steadyClock();

const logFile = process.env[layerVariables.log];
if (logFile !== undefined) {
  process.on('exit', () => {
    original.writeFileSync(logFile, JSON.stringify(log));
  });
}
