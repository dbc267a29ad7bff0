/**
 * Seeded mutants of every file that the program reads: each must be read or refused by a `UserError`, within a second, in a
 * bounded memory. One process per reader, so that a hang or a crash is one too.
 *
 *     npx tsx bench/torture/readers.ts --mutants 20000 --seed 1
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutatedReaders } from '../../packages/ts-diffusion/test/mutation/readers.js';
import { runMutants, type MutationResult } from '../../packages/ts-diffusion/test/mutation/run.js';
import { wholeNumber } from '../support/options.js';

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    reader: { type: 'string' },
  },
});
const mutants = wholeNumber('mutants', values.mutants);
const seed = wholeNumber('seed', values.seed, 0);

const SLOWEST_MS = 1000;
const LARGEST_MEMORY_MB = 512;
/** Per mutant, beyond which a reader counts as hung. */
const PATIENCE_MS = 250;

interface Measured extends MutationResult {
  readonly megabytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'torture-'));
try {
  const readers = mutatedReaders(folder);
  const only = readers.find(({ name }) => name === values.reader);
  if (only) {
    const result = await runMutants(only, { seed, count: mutants });
    const measured: Measured = { ...result, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) };
    console.log(JSON.stringify(measured));
  } else {
    const each = Math.ceil(mutants / readers.length);
    const failed = readers.map(({ name }) => torture(name, each)).filter((passed) => !passed).length;
    console.log(`${each * readers.length} mutants of seed ${seed}, ${failed} of ${readers.length} readers failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** One reader in a process of its own. @returns whether all went well */
function torture(reader: string, count: number): boolean {
  const options = ['--mutants', String(count), '--seed', String(seed), '--reader', reader];
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(import.meta.url), ...options],
    { encoding: 'utf8', timeout: 60_000 + PATIENCE_MS * count, maxBuffer: 64 * 2 ** 20 },
  );
  if (status !== 0) {
    console.log(`${reader}: ended with ${signal ?? `exit code ${status ?? 'none'}`}\n${stderr.slice(-2000)}`);
    return false;
  }
  const { read, refused, slowest, megabytes, failures } = JSON.parse(stdout) as Measured;
  console.log(`${reader}: ${read} read, ${refused} refused, slowest ${slowest.toFixed(0)} ms, ${megabytes} MB`);
  for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`);
  return failures.length === 0 && slowest < SLOWEST_MS && megabytes < LARGEST_MEMORY_MB;
}
