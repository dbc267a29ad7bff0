import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from './operations.js';

/** System calls that change files, and the kind of operation that each is. */
const kinds: Readonly<Record<string, string>> = {
  ...every('create', 'open', 'openat', 'openat2', 'creat'),
  ...every('write', 'write', 'pwrite64', 'writev', 'pwritev', 'pwritev2', 'sendfile', 'copy_file_range'),
  ...every('sync', 'fsync', 'fdatasync', 'sync_file_range'),
  ...every('rename', 'rename', 'renameat', 'renameat2'),
  ...every('link', 'link', 'linkat', 'symlink', 'symlinkat'),
  ...every('unlink', 'unlink', 'unlinkat', 'rmdir'),
  ...every('mkdir', 'mkdir', 'mkdirat'),
  ...every('truncate', 'truncate', 'ftruncate', 'fallocate'),
};

function every(kind: string, ...calls: readonly string[]): Record<string, string> {
  return Object.fromEntries(calls.map((call) => [call, kind]));
}

/** How many operations there are of each kind. */
export type Counts = Readonly<Record<string, number>>;

export function countOperations(log: readonly Operation[]): Counts {
  return countAll(log.map(({ kind }) => (kind === 'sync-folder' ? 'sync' : kind)));
}

/**
 * The system calls by which a program changes what is below a folder, as strace (1) sees them.
 *
 * @returns undefined where there is no strace, or no right to use it
 */
export function countSystemCalls(folder: string, program: readonly string[]): Counts | undefined {
  const traces = mkdtempSync(join(tmpdir(), 'strace-'));
  try {
    // One file per thread: no call is told in two lines. `?`: also on machines that lack one of them.
    const calls = Object.keys(kinds).map((call) => `?${call}`);
    const options = ['-ff', '-y', '-qq', '-s', '0', '-e', `trace=${calls.join(',')}`, '-o', join(traces, 'trace')];
    const { status, error } = spawnSync('strace', [...options, ...program], { stdio: 'ignore' });
    if (error !== undefined || status !== 0) return undefined;
    const lines = readdirSync(traces).flatMap((name) => readFileSync(join(traces, name), 'utf8').split('\n'));
    return countAll(lines.filter((line) => line.includes(folder)).flatMap(changeIn));
  } finally {
    rmSync(traces, { recursive: true });
  }
}

function changeIn(line: string): string[] {
  const [, call = ''] = /^(\w+)\(/.exec(line) ?? [];
  const kind = kinds[call];
  const failed = line.includes(' = -1 ');
  const onlyOpens = kind === 'create' && !line.includes('O_CREAT');
  return kind === undefined || failed || onlyOpens ? [] : [kind];
}

function countAll(names: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
