import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { isRunning } from '../files/is-running.js';

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string().min(1),
  /** The start of the operating system; absent where it cannot be told (not on Linux). */
  boot: z.string().optional(),
  /** When the process started, in ticks since `boot`; absent where it cannot be told. */
  started: z.string().optional(),
  /** Device and inode of the locked folder: a copy of a locked folder is not locked. */
  folder: z.string().optional(),
  /** When the lock was taken, ISO 8601. */
  since: z.string().optional(),
  /** No two locks have the same. */
  nonce: z.string().optional(),
});

/** Who trains in a folder. */
export type Holder = z.infer<typeof holderSchema>;

/** Whether the holder still runs; `unknown`: on another machine, or its process id may be a later process's. */
export type HolderState = 'alive' | 'dead' | 'unknown';

/** The nonces of the locks that this process holds. */
const held = new Set<string>();

/** This process, about to hold the lock of `folder`; counted as holding it until `forget`. */
export function newHolder(folder: string): { readonly holder: Holder; readonly forget: () => void } {
  const nonce = randomUUID();
  held.add(nonce);
  const { pid } = process;
  return {
    holder: {
      pid,
      host: hostname(),
      boot: bootId(),
      started: startOf(pid),
      folder,
      since: new Date().toISOString(),
      nonce,
    },
    forget: () => held.delete(nonce),
  };
}

/** What a lock says; undefined where it names nobody. Locks are published whole, so that such a one is damaged. */
export function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether `holder` still runs, as far as this machine can tell, with the lock of `folder`. */
export function stateOf({ pid, host, boot, started, folder: locked, nonce }: Holder, folder: string): HolderState {
  if (host !== hostname()) return 'unknown';
  if (differ(boot, bootId()) || differ(locked, folder)) return 'dead';
  if (pid === process.pid) return nonce !== undefined && held.has(nonce) ? 'alive' : 'dead';
  if (!isRunning(pid)) return 'dead';
  const now = startOf(pid);
  if (started === undefined || now === undefined) return 'unknown';
  return started === now ? 'alive' : 'dead';
}

const differ = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b;

const bootId = (): string | undefined => readText('/proc/sys/kernel/random/boot_id')?.trim();

/** Field 22 of proc(5)'s `stat`, counted behind the program's name, which may hold spaces and brackets. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
