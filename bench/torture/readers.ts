import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { mutatedReaders } from '../../packages/ts-diffusion/test/mutation/readers.js';
import type { MutationResult } from '../../packages/ts-diffusion/test/mutation/run.js';
import type { Outcome, TortureOptions } from './outcome.js';

const SLOWEST_MS = 1000;
const LARGEST_MEMORY_MB = 512;
/** Per mutant, beyond which a reader counts as hung. */
const PATIENCE_MS = 250;

export interface Measured extends MutationResult {
  readonly megabytes: number;
}

/**
 * Seeded mutants of every file that the program reads: each must be read or refused by a `UserError`, within a second, in a
 * bounded memory. One process per reader, so that a hang or a crash is one too.
 */
export async function tortureReaders({ seed, progress }: TortureOptions, mutants: number): Promise<Outcome> {
  const names = readerNames();
  const each = Math.ceil(mutants / names.length);
  const failures: string[] = [];
  const figures: string[] = [];
  for (const [i, name] of names.entries()) {
    const result = await torture(name, each, seed);
    if ('ended' in result) failures.push(`${name}: ${result.ended}`);
    else {
      const { read, refused, slowest, megabytes } = result;
      figures.push(`${name}: ${read} read, ${refused} refused, slowest ${slowest.toFixed(0)} ms, ${megabytes} MB`);
      failures.push(...result.failures.map((failure) => `${name}: ${failure}`));
      if (slowest >= SLOWEST_MS) failures.push(`${name}: one mutant took ${slowest.toFixed(0)} ms`);
      if (megabytes >= LARGEST_MEMORY_MB) failures.push(`${name}: took ${megabytes} MB`);
    }
    progress.update((i + 1) * each, names.length * each, `readers: ${name}, ${failures.length} failures`);
  }
  return { faults: each * names.length, failures, figures };
}

function readerNames(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'torture-readers-'));
  try {
    return mutatedReaders(folder).map(({ name }) => name);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function torture(reader: string, count: number, seed: number): Promise<Measured | { readonly ended: string }> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      fileURLToPath(new URL('reader-child.ts', import.meta.url)),
      reader,
      String(count),
      String(seed),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 + PATIENCE_MS * count, killSignal: 'SIGKILL' },
  );
  const [output, errors, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  if (status === 0) return JSON.parse(output) as Measured;
  return { ended: `ended with ${signal ?? `exit code ${status}`}: ${errors.slice(-2000)}` };
}
