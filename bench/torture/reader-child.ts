/** Lets one reader read its mutants, in a process of its own: `reader-child.ts READER MUTANTS SEED`. Prints a `Measured`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutatedReaders } from '../../packages/ts-diffusion/test/mutation/readers.js';
import { runMutants } from '../../packages/ts-diffusion/test/mutation/run.js';
import type { Measured } from './readers.js';

const [name, mutants, seed] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'torture-readers-'));
try {
  const reader = mutatedReaders(folder).find((each) => each.name === name);
  if (reader === undefined) throw new RangeError(`There is no reader ${name}.`);
  const result = await runMutants(reader, { seed: Number(seed), count: Number(mutants) });
  const measured: Measured = { ...result, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) };
  console.log(JSON.stringify(measured));
} finally {
  rmSync(folder, { recursive: true });
}
