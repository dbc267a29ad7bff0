import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where runs go that were not given a folder. */
const RUNS = 'runs';

/** The first of runs/NAME-1, runs/NAME-2, ... after the highest that exists. */
export function nextRunFolder(name: string, root = RUNS): string {
  return join(root, `${name}-${Math.max(0, ...runNumbers(name, root)) + 1}`);
}

/** The highest of runs/NAME-1, runs/NAME-2, ... that exists. */
export function latestRunFolder(name: string, root = RUNS): string | undefined {
  const numbers = runNumbers(name, root);
  return numbers.length === 0 ? undefined : join(root, `${name}-${Math.max(...numbers)}`);
}

function runNumbers(name: string, root: string): number[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((entry) => entry.startsWith(`${name}-`))
    .map((entry) => entry.slice(name.length + 1))
    .filter((rest) => /^\d+$/.test(rest))
    .map(Number);
}
